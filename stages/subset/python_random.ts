/**
 * The random numbers of Python's module `random`, as CPython 3 makes them, so that a subset drawn by a
 * program in Python is drawn again to the clip.
 *
 * The generator is the Mersenne Twister MT19937 (Matsumoto and Nishimura, "Mersenne Twister: a
 * 623-dimensionally equidistributed uniform pseudo-random number generator", 1998), begun from an array
 * of words as its authors' `init_by_array` does. Integers below a bound and samples follow the
 * algorithms that CPython has used since version 3.2.
 *
 * @module
 */

const WORDS = 624;
const SHIFT = 397;
const UPPER = 0x80000000;
const LOWER = 0x7fffffff;
const TWIST = 0x9908b0df;

/** Python's generator after `random.seed(n)`. */
export class PythonRandom {
  readonly #state = new Uint32Array(WORDS);
  #next = WORDS;

  /**
   * As after `random.seed(seed)`.
   *
   * @param seed An integer from 0 to 2^53 - 1.
   * @throws {RangeError} If it is none.
   */
  constructor(seed: number) {
    if (!Number.isSafeInteger(seed) || seed < 0) {
      throw new RangeError(`seed: expected an integer from 0 to 9007199254740991, found ${seed}`);
    }
    const low = seed % 2 ** 32, high = Math.floor(seed / 2 ** 32);
    this.#begin(high === 0 ? [low] : [low, high]);
  }

  /** `random.getrandbits(bits)`, for 1 to 32 bits. */
  bits(bits: number): number {
    return this.#word() >>> (32 - bits);
  }

  /**
   * `random.randrange(bound)`: as many bits as the bound has, drawn until they are below it.
   *
   * @param bound An integer from 1 to 2^32 - 1.
   */
  below(bound: number): number {
    const bits = 32 - Math.clz32(bound);
    let value = this.bits(bits);
    while (value >= bound) value = this.bits(bits);
    return value;
  }

  /**
   * `random.sample(values, count)`: different places of the list, in the order in which they were drawn.
   *
   * @throws {RangeError} If there are fewer values than `count`.
   */
  sample<T>(values: readonly T[], count: number): T[] {
    const n = values.length;
    if (!Number.isInteger(count) || count < 0 || count > n) {
      throw new RangeError(`sample: expected an integer from 0 to ${n}, found ${count}`);
    }
    // CPython keeps a set of what was chosen, where a copy of the list would take more room than it.
    return n <= roomOfSet(count) ? this.#fromPool(values, count) : this.#bySet(values, count);
  }

  /** What was not chosen stays at the front: the last of it takes the chosen one's place. */
  #fromPool<T>(values: readonly T[], count: number): T[] {
    const pool = [...values];
    return Array.from({ length: count }, (_, i) => {
      const left = pool.length - i;
      const at = this.below(left);
      const chosen = pool[at]!;
      pool[at] = pool[left - 1]!;
      return chosen;
    });
  }

  #bySet<T>(values: readonly T[], count: number): T[] {
    const chosen = new Set<number>();
    while (chosen.size < count) chosen.add(this.below(values.length));
    return Array.from(chosen, (at) => values[at]!);
  }

  #begin(key: readonly number[]): void {
    const state = this.#state;
    state[0] = 19650218;
    for (let i = 1; i < WORDS; i++) {
      const before = state[i - 1]!;
      state[i] = Math.imul(1812433253, before ^ (before >>> 30)) + i;
    }
    let i = 1, j = 0;
    const mixed = (factor: number) => {
      const before = state[i - 1]!;
      return state[i]! ^ Math.imul(before ^ (before >>> 30), factor);
    };
    const advance = () => {
      if (++i < WORDS) return;
      state[0] = state[WORDS - 1]!;
      i = 1;
    };
    for (let k = Math.max(WORDS, key.length); k > 0; k--) {
      state[i] = mixed(1664525) + key[j]! + j;
      advance();
      j = (j + 1) % key.length;
    }
    for (let k = WORDS - 1; k > 0; k--) {
      state[i] = mixed(1566083941) - i;
      advance();
    }
    state[0] = UPPER;
  }

  #word(): number {
    if (this.#next === WORDS) this.#twist();
    let y = this.#state[this.#next++]!;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  #twist(): void {
    const state = this.#state;
    for (let i = 0; i < WORDS; i++) {
      const y = (state[i]! & UPPER) | (state[(i + 1) % WORDS]! & LOWER);
      state[i] = state[(i + SHIFT) % WORDS]! ^ (y >>> 1) ^ ((y & 1) === 0 ? 0 : TWIST);
    }
    this.#next = 0;
  }
}

/** Longest list that CPython copies: 21, and for more than 5 the power of 4 from 3 times as many on. */
function roomOfSet(count: number): number {
  if (count <= 5) return 21;
  let power = 1;
  while (power < 3 * count) power *= 4;
  return 21 + power;
}
