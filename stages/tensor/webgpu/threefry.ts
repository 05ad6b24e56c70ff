/**
 * The counter-based generator of {@link ../../random.ts} in WGSL: the same words for the same keys and
 * counters.
 *
 * @module
 */

/** Rotations of the rounds: four after each even addition of the key, four after each odd one. */
const ROTATIONS = [[13, 15, 26, 6], [17, 29, 16, 24]] as const;

/** Additions of the key after the first. */
const INJECTIONS = 5;

function rounds(): string {
  const keys = ["key.x", "key.y", "third"];
  const text: string[] = [];
  for (let i = 0; i < INJECTIONS; i++) {
    for (const by of ROTATIONS[i % 2]!) {
      text.push(`x += y; y = ((y << ${by}u) | (y >> ${32 - by}u)) ^ x;`);
    }
    text.push(`x += ${keys[(i + 1) % 3]}; y += ${keys[(i + 2) % 3]} + ${i + 1}u;`);
  }
  return text.join("\n  ");
}

/**
 * WGSL functions of a stream with key `key` (see `StreamKey`):
 * - `threefry(key, counter) -> vec2<u32>`: a block of the generator; counter (i, 0) gives the stream's
 *   words 2 i and 2 i + 1;
 * - `bits_at(key, index) -> u32`: the stream's word `index` < 2^32;
 * - `uniform_at(key, index) -> f32`: its upper 24 bits over 2^24, in [0, 1) and exact.
 */
export const THREEFRY = `fn threefry(key: vec2<u32>, counter: vec2<u32>) -> vec2<u32> {
  let third = 0x1bd11bdau ^ key.x ^ key.y;
  var x = counter.x + key.x;
  var y = counter.y + key.y;
  ${rounds()}
  return vec2<u32>(x, y);
}
fn bits_at(key: vec2<u32>, index: u32) -> u32 {
  let block = threefry(key, vec2<u32>(index >> 1u, 0u));
  return select(block.x, block.y, (index & 1u) == 1u);
}
fn uniform_at(key: vec2<u32>, index: u32) -> f32 {
  return f32(bits_at(key, index) >> 8u) * ${2 ** -24};
}`;
