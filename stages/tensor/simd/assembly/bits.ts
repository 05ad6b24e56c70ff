// deno-fmt-ignore-file: it would drop the decorators of functions
/**
 * A bit for each number of a tensor, such as whether it was kept: bit i is bit i % 8 of byte i / 8.
 * Memory of tensors has room for the bytes that are read or written beyond the last bit.
 */
import { keptBits } from "./threefry";

/** Sixteen bits from any bit on, in the lower half of the result. */
@inline
export function sixteen(bits: usize, from: i32): i32 {
  return load<i32>(bits + (from >>> 3)) >>> (from & 7);
}

/** Four lanes, all ones where the bits 4 part .. 4 part + 3 of a splat word are set. */
@inline
export function lanes(word: v128, part: usize): v128 {
  const shift = 4 * (part as i32);
  const each = i32x4(1 << shift, 2 << shift, 4 << shift, 8 << shift);
  return i32x4.eq(v128.and(word, each), each);
}

/** Draws which of numbers from .. from + count - 1 of a stream are kept; `from` is a multiple of 16. */
export function drawKept(
  bits: usize,
  from: i32,
  count: i32,
  key0: i32,
  key1: i32,
  threshold: i32,
): void {
  const to = bits + ((from + count + 7) >>> 3);
  for (let at = bits + (from >>> 3); at < to; at += 2, from += 16) {
    store<u16>(at, keptBits(key0, key1, from >>> 1, threshold) as u16);
  }
}

/** Bits of which numbers from .. from + count - 1 are above 0; `from` is a multiple of 16. */
export function drawPositive(bits: usize, y: usize, from: i32, count: i32): void {
  const zero = f32x4.splat(0);
  let at = bits + (from >>> 3);
  y += (from as usize) << 2;
  for (; count >= 16; count -= 16, y += 64, at += 2) {
    const a = f32x4.gt(v128.load(y), zero);
    const b = f32x4.gt(v128.load(y, 16), zero);
    const c = f32x4.gt(v128.load(y, 32), zero);
    const d = f32x4.gt(v128.load(y, 48), zero);
    store<u16>(
      at,
      i8x16.bitmask(
        i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(a, b), i16x8.narrow_i32x4_s(c, d)),
      ) as u16,
    );
  }
  let last = 0;
  for (let i = 0; i < count; i++) {
    if (load<f32>(y + ((i as usize) << 2)) > 0) last |= 1 << i;
  }
  if (count > 0) store<u16>(at, last as u16);
}

/** a = a and b, bits from .. from + count - 1; `from` is a multiple of 16. */
export function andBits(a: usize, b: usize, from: i32, count: i32): void {
  const end = (from + count + 7) >>> 3;
  for (let at = from >>> 3; at < end; at += 2) {
    store<u16>(a + at, load<u16>(a + at) & load<u16>(b + at));
  }
}
