/**
 * All randomness of the project: counter-based, so that every draw is a pure function of
 * (seed, purpose, epoch, sample, index) and none depends on what was drawn before it, on the number
 * of threads or on where a run was interrupted.
 *
 * The generator is Threefry-2x32 with 20 rounds (Salmon, Moraes, Dror and Shaw, "Parallel random
 * numbers: as easy as 1, 2, 3", SC 2011), written `T(key0, key1; counter0, counter1)` here. It uses
 * 32-bit additions, rotations and exclusive-ors alone, so a GPU kernel gives the same integers.
 *
 * ## Key derivation
 *
 * ```text
 * h        = FNV-1a, 32 bits, over the UTF-8 bytes of `purpose`
 * (a0, a1) = T(seed mod 2^32, floor(seed / 2^32); h, 0)
 * (k0, k1) = T(a0, a1; epoch, sample)                          the stream's key
 * word(i)  = T(k0, k1; floor(i / 2), 0)[i mod 2]               the i-th 32-bit word, i < 2^33
 * ```
 *
 * A kernel is handed `(k0, k1)` ({@link streamKey}) and computes `word(i)` by itself, with the index
 * of the element it stands for.
 *
 * @module
 */

const PARITY = 0x1bd11bda;
const SPACE = 2 ** 32;

/** A stream's key: two 32-bit words, all that a device needs to draw from it. */
export type StreamKey = readonly [number, number];

/**
 * One block of Threefry-2x32-20.
 *
 * @param key0 First key word, any 32-bit pattern.
 * @param key1 Second key word.
 * @param counter0 First counter word.
 * @param counter1 Second counter word.
 * @param out Receives the two output words.
 * @param at Where in `out` the first word goes.
 */
export function threefry2x32(
  key0: number,
  key1: number,
  counter0: number,
  counter1: number,
  out: Uint32Array,
  at = 0,
): void {
  const key2 = PARITY ^ key0 ^ key1;
  let x = (counter0 + key0) | 0;
  let y = (counter1 + key1) | 0;
  x = (x + y) | 0, y = ((y << 13) | (y >>> 19)) ^ x;
  x = (x + y) | 0, y = ((y << 15) | (y >>> 17)) ^ x;
  x = (x + y) | 0, y = ((y << 26) | (y >>> 6)) ^ x;
  x = (x + y) | 0, y = ((y << 6) | (y >>> 26)) ^ x;
  x = (x + key1) | 0, y = (y + key2 + 1) | 0;
  x = (x + y) | 0, y = ((y << 17) | (y >>> 15)) ^ x;
  x = (x + y) | 0, y = ((y << 29) | (y >>> 3)) ^ x;
  x = (x + y) | 0, y = ((y << 16) | (y >>> 16)) ^ x;
  x = (x + y) | 0, y = ((y << 24) | (y >>> 8)) ^ x;
  x = (x + key2) | 0, y = (y + key0 + 2) | 0;
  x = (x + y) | 0, y = ((y << 13) | (y >>> 19)) ^ x;
  x = (x + y) | 0, y = ((y << 15) | (y >>> 17)) ^ x;
  x = (x + y) | 0, y = ((y << 26) | (y >>> 6)) ^ x;
  x = (x + y) | 0, y = ((y << 6) | (y >>> 26)) ^ x;
  x = (x + key0) | 0, y = (y + key1 + 3) | 0;
  x = (x + y) | 0, y = ((y << 17) | (y >>> 15)) ^ x;
  x = (x + y) | 0, y = ((y << 29) | (y >>> 3)) ^ x;
  x = (x + y) | 0, y = ((y << 16) | (y >>> 16)) ^ x;
  x = (x + y) | 0, y = ((y << 24) | (y >>> 8)) ^ x;
  x = (x + key1) | 0, y = (y + key2 + 4) | 0;
  x = (x + y) | 0, y = ((y << 13) | (y >>> 19)) ^ x;
  x = (x + y) | 0, y = ((y << 15) | (y >>> 17)) ^ x;
  x = (x + y) | 0, y = ((y << 26) | (y >>> 6)) ^ x;
  x = (x + y) | 0, y = ((y << 6) | (y >>> 26)) ^ x;
  x = (x + key2) | 0, y = (y + key0 + 5) | 0;
  out[at] = x;
  out[at + 1] = y;
}

/**
 * FNV-1a with 32 bits over the UTF-8 bytes of a text.
 *
 * @param text Any text; the empty one gives 0x811c9dc5.
 * @returns An integer in [0, 2^32).
 */
export function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

function requireWord(value: number, name: string): void {
  if (!Number.isInteger(value) || value < 0 || value >= SPACE) {
    throw new RangeError(`${name}: expected an integer from 0 to 4294967295, got ${value}`);
  }
}

/**
 * The key of a stream, by the derivation of this module's page.
 *
 * @param seed The experiment's seed, an integer from 0 to 2^53 - 1.
 * @param purpose What the stream is for, such as `crop`; streams of different purposes are unrelated.
 * @param epoch An integer from 0 to 2^32 - 1; 0 where there are no epochs.
 * @param sample Likewise: the clip's or the step's index.
 * @throws {RangeError} If a number is out of its range.
 */
export function streamKey(seed: number, purpose: string, epoch = 0, sample = 0): StreamKey {
  const [a0, a1] = purposeKey(seed, purpose);
  requireWord(epoch, "epoch");
  requireWord(sample, "sample");
  const words = new Uint32Array(2);
  threefry2x32(a0, a1, epoch, sample, words);
  return [words[0]!, words[1]!];
}

/**
 * `(a0, a1)` of the derivation: what a device needs to make the {@link streamKey} of any epoch and sample
 * by itself.
 *
 * @throws {RangeError} If the seed is out of its range.
 */
export function purposeKey(seed: number, purpose: string): StreamKey {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new RangeError(`seed: expected an integer from 0 to 9007199254740991, got ${seed}`);
  }
  const words = new Uint32Array(2);
  threefry2x32(seed % SPACE, Math.floor(seed / SPACE), fnv1a(purpose), 0, words);
  return [words[0]!, words[1]!];
}

const scratch = new Uint32Array(2);

/**
 * The `index`-th 32-bit word of a stream, without a stream.
 *
 * @param index An integer from 0 to 2^33 - 1.
 * @returns An integer in [0, 2^32).
 */
export function bitsAt(key: StreamKey, index: number): number {
  threefry2x32(key[0], key[1], Math.floor(index / 2), 0, scratch);
  return scratch[index % 2]!;
}

/** The upper 24 bits of {@link bitsAt} over 2^24: in [0, 1), and exact in float32. */
export function uniformAt(key: StreamKey, index: number): number {
  return (bitsAt(key, index) >>> 8) * 2 ** -24;
}

/**
 * Fills an array with consecutive words of a stream: `out[i] = bitsAt(key, from + i)`, at half the
 * blocks.
 */
export function fillBits(key: StreamKey, out: Uint32Array, from = 0): void {
  let i = 0;
  if (from % 2 === 1 && out.length > 0) out[i++] = bitsAt(key, from);
  for (; i + 1 < out.length; i += 2) threefry2x32(key[0], key[1], (from + i) / 2, 0, out, i);
  if (i < out.length) out[i] = bitsAt(key, from + i);
}

/** Draws in order from one stream: the n-th word drawn is `bitsAt(key, n)`. */
export class RandomStream {
  readonly #key: StreamKey;
  readonly #block = new Uint32Array(2);
  #drawn = 0;
  #spareNormal: number | undefined;

  /** Begins a stream at its first word. */
  constructor(key: StreamKey) {
    this.#key = key;
  }

  /** The next word, an integer in [0, 2^32). */
  uint32(): number {
    const half = this.#drawn % 2;
    if (half === 0) {
      threefry2x32(this.#key[0], this.#key[1], Math.floor(this.#drawn / 2), 0, this.#block);
    }
    this.#drawn++;
    return this.#block[half]!;
  }

  /** Uniform in [0, 1) with 24 bits (one word): exact in float32. */
  uniform(): number {
    return (this.uint32() >>> 8) * 2 ** -24;
  }

  /**
   * A uniform integer, without bias: words at or above the largest multiple of the range's size are
   * thrown away, the rest taken modulo that size.
   *
   * @param low Smallest value, an integer.
   * @param highInclusive Largest value, an integer at most 2^32 - 1 above `low`.
   */
  integer(low: number, highInclusive: number): number {
    const size = highInclusive - low + 1;
    if (!Number.isSafeInteger(low) || !Number.isSafeInteger(highInclusive)) {
      throw new RangeError(`integer: bounds must be integers, got ${low} and ${highInclusive}`);
    }
    if (size < 1 || size > SPACE) {
      throw new RangeError(`integer: no range of 1 to 2^32 values from ${low} to ${highInclusive}`);
    }
    const limit = SPACE - SPACE % size;
    let word = this.uint32();
    while (word >= limit) word = this.uint32();
    return low + word % size;
  }

  /**
   * A standard normal value, by Box and Muller in float64: two words `a`, `b` give
   * `r cos(2 pi b / 2^32)` and, at the next call, `r sin(2 pi b / 2^32)`, where
   * `r = sqrt(-2 ln((a + 1) / 2^32))`.
   */
  normal(): number {
    if (this.#spareNormal !== undefined) {
      const value = this.#spareNormal;
      this.#spareNormal = undefined;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log((this.uint32() + 1) / SPACE));
    const angle = 2 * Math.PI * (this.uint32() / SPACE);
    this.#spareNormal = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  /** 0 .. n-1 in random order (Fisher and Yates, from the front). */
  permutation(n: number): Uint32Array {
    return this.choose(n, n);
  }

  /**
   * `k` different values of 0 .. n-1, in the order in which they were drawn: every ordered choice is
   * equally likely.
   *
   * @throws {RangeError} If `k` exceeds `n`.
   */
  choose(n: number, k: number): Uint32Array {
    requireWord(n, "n");
    if (!Number.isInteger(k) || k < 0 || k > n) {
      throw new RangeError(`choose: expected an integer k from 0 to ${n}, got ${k}`);
    }
    const values = new Uint32Array(n);
    for (let i = 0; i < n; i++) values[i] = i;
    for (let i = 0; i < Math.min(k, n - 1); i++) {
      const j = this.integer(i, n - 1);
      const value = values[j]!;
      values[j] = values[i]!;
      values[i] = value;
    }
    return values.slice(0, k);
  }

  /** Fills `out` with normal values, rounded to float32. */
  fillNormal(out: Float32Array, mean = 0, sd = 1): void {
    for (let i = 0; i < out.length; i++) out[i] = mean + sd * this.normal();
  }

  /** Fills `out` with uniform values of [low, high), rounded to float32 (which may round up to `high`). */
  fillUniform(out: Float32Array, low = 0, high = 1): void {
    for (let i = 0; i < out.length; i++) out[i] = low + (high - low) * this.uniform();
  }
}

/**
 * A stream by what it is for; see {@link streamKey} for the arguments.
 *
 * @example
 * ```ts
 * const order = randomStream(seed, "pretrain order", epoch).permutation(clips);
 * ```
 */
export function randomStream(seed: number, purpose: string, epoch = 0, sample = 0): RandomStream {
  return new RandomStream(streamKey(seed, purpose, epoch, sample));
}
