// deno-fmt-ignore-file: it would drop the decorators of functions
/**
 * Threefry-2x32 with 20 rounds (see `stages/random.ts`), eight blocks at once, as dropout needs it: not
 * the words, but whether each is at or above a threshold.
 */

@inline
function rotate(x: v128, by: i32): v128 {
  return v128.or(i32x4.shl(x, by), i32x4.shr_u(x, 32 - by));
}

@inline
function rotate16(x: v128): v128 {
  return i8x16.shuffle(x, x, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13);
}

@inline
function rotate24(x: v128): v128 {
  return i8x16.shuffle(x, x, 1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12);
}

/**
 * Whether the upper 24 bits of words 2 block .. 2 block + 15 of a stream are at least `threshold`: one
 * bit a word, the first lowest.
 */
@inline
export function keptBits(key0: i32, key1: i32, block: i32, threshold: i32): i32 {
  const key2 = 0x1bd11bda ^ key0 ^ key1;
  const k0 = i32x4.splat(key0);
  const k1 = i32x4.splat(key1);
  const k2 = i32x4.splat(key2);
  let a = i32x4.add(i32x4.add(i32x4.splat(block), i32x4(0, 1, 2, 3)), k0);
  let c = i32x4.add(a, i32x4.splat(4));
  let b = k1;
  let d = k1;
  // a, b: four blocks; c, d: the next four. Two chains keep the units busy.
  a = i32x4.add(a, b), c = i32x4.add(c, d);
  b = v128.xor(rotate(b, 13), a), d = v128.xor(rotate(d, 13), c);
  a = i32x4.add(a, b), c = i32x4.add(c, d);
  b = v128.xor(rotate(b, 15), a), d = v128.xor(rotate(d, 15), c);
  a = i32x4.add(a, b), c = i32x4.add(c, d);
  b = v128.xor(rotate(b, 26), a), d = v128.xor(rotate(d, 26), c);
  a = i32x4.add(a, b), c = i32x4.add(c, d);
  b = v128.xor(rotate(b, 6), a), d = v128.xor(rotate(d, 6), c);
  let add = i32x4.splat(key2 + 1);
  a = i32x4.add(a, k1), c = i32x4.add(c, k1);
  b = i32x4.add(b, add), d = i32x4.add(d, add);

  a = i32x4.add(a, b), c = i32x4.add(c, d);
  b = v128.xor(rotate(b, 17), a), d = v128.xor(rotate(d, 17), c);
  a = i32x4.add(a, b), c = i32x4.add(c, d);
  b = v128.xor(rotate(b, 29), a), d = v128.xor(rotate(d, 29), c);
  a = i32x4.add(a, b), c = i32x4.add(c, d);
  b = v128.xor(rotate16(b), a), d = v128.xor(rotate16(d), c);
  a = i32x4.add(a, b), c = i32x4.add(c, d);
  b = v128.xor(rotate24(b), a), d = v128.xor(rotate24(d), c);
  add = i32x4.splat(key0 + 2);
  a = i32x4.add(a, k2), c = i32x4.add(c, k2);
  b = i32x4.add(b, add), d = i32x4.add(d, add);

  a = i32x4.add(a, b), c = i32x4.add(c, d);
  b = v128.xor(rotate(b, 13), a), d = v128.xor(rotate(d, 13), c);
  a = i32x4.add(a, b), c = i32x4.add(c, d);
  b = v128.xor(rotate(b, 15), a), d = v128.xor(rotate(d, 15), c);
  a = i32x4.add(a, b), c = i32x4.add(c, d);
  b = v128.xor(rotate(b, 26), a), d = v128.xor(rotate(d, 26), c);
  a = i32x4.add(a, b), c = i32x4.add(c, d);
  b = v128.xor(rotate(b, 6), a), d = v128.xor(rotate(d, 6), c);
  add = i32x4.splat(key1 + 3);
  a = i32x4.add(a, k0), c = i32x4.add(c, k0);
  b = i32x4.add(b, add), d = i32x4.add(d, add);

  a = i32x4.add(a, b), c = i32x4.add(c, d);
  b = v128.xor(rotate(b, 17), a), d = v128.xor(rotate(d, 17), c);
  a = i32x4.add(a, b), c = i32x4.add(c, d);
  b = v128.xor(rotate(b, 29), a), d = v128.xor(rotate(d, 29), c);
  a = i32x4.add(a, b), c = i32x4.add(c, d);
  b = v128.xor(rotate16(b), a), d = v128.xor(rotate16(d), c);
  a = i32x4.add(a, b), c = i32x4.add(c, d);
  b = v128.xor(rotate24(b), a), d = v128.xor(rotate24(d), c);
  add = i32x4.splat(key2 + 4);
  a = i32x4.add(a, k1), c = i32x4.add(c, k1);
  b = i32x4.add(b, add), d = i32x4.add(d, add);

  a = i32x4.add(a, b), c = i32x4.add(c, d);
  b = v128.xor(rotate(b, 13), a), d = v128.xor(rotate(d, 13), c);
  a = i32x4.add(a, b), c = i32x4.add(c, d);
  b = v128.xor(rotate(b, 15), a), d = v128.xor(rotate(d, 15), c);
  a = i32x4.add(a, b), c = i32x4.add(c, d);
  b = v128.xor(rotate(b, 26), a), d = v128.xor(rotate(d, 26), c);
  a = i32x4.add(a, b), c = i32x4.add(c, d);
  b = v128.xor(rotate(b, 6), a), d = v128.xor(rotate(d, 6), c);
  add = i32x4.splat(key0 + 5);
  a = i32x4.add(a, k2), c = i32x4.add(c, k2);
  b = i32x4.add(b, add), d = i32x4.add(d, add);

  // The threshold is at least 1 here, so that "at least" is "above the one before".
  const below = i32x4.splat(threshold - 1);
  a = i32x4.gt_s(i32x4.shr_u(a, 8), below), b = i32x4.gt_s(i32x4.shr_u(b, 8), below);
  c = i32x4.gt_s(i32x4.shr_u(c, 8), below), d = i32x4.gt_s(i32x4.shr_u(d, 8), below);
  // Words in order: the first and the second of each block in turn.
  const first = i16x8.narrow_i32x4_s(
    v128.shuffle<i32>(a, b, 0, 4, 1, 5),
    v128.shuffle<i32>(a, b, 2, 6, 3, 7),
  );
  const second = i16x8.narrow_i32x4_s(
    v128.shuffle<i32>(c, d, 0, 4, 1, 5),
    v128.shuffle<i32>(c, d, 2, 6, 3, 7),
  );
  return i8x16.bitmask(i8x16.narrow_i16x8_s(first, second));
}
