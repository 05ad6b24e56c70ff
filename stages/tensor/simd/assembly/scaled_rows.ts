/** Copies of rows, on the way scaled, normalised or rectified. */
import { madd } from "./madd";

/**
 * to[i, c] = from[i, c], or max((from[i, c] - mean[c]) scale[c] + offset[c], 0) where there are coefficients.
 *
 * @param rows Rows that follow one another, in both places.
 * @param coefficients 0, or (4, channels): mean, inverse deviation, scale, offset.
 */
export function copyRows(
  from: usize,
  to: usize,
  rows: i32,
  channels: i32,
  coefficients: usize,
): void {
  const row = (channels as usize) << 2;
  const end = to + row * rows;
  if (coefficients === 0) {
    memory.copy(to, from, row * rows);
    return;
  }
  const wide = row & ~15;
  const scale = coefficients + 2 * row;
  const offset = scale + row;
  for (; to < end; to += row, from += row) {
    let at: usize = 0;
    for (; at < wide; at += 16) {
      const y = rectified(
        v128.load(from + at),
        v128.load(coefficients + at),
        v128.load(scale + at),
        v128.load(offset + at),
      );
      v128.store(to + at, y);
    }
    for (; at < row; at += 4) store<f32>(to + at, rectifiedOne(from + at, coefficients + at, row));
  }
}

/** max((x - mean) scale + offset, 0), rounded as batch normalisation by itself does. */
export function rectified(x: v128, mean: v128, scale: v128, offset: v128): v128 {
  const y = f32x4.add(f32x4.mul(f32x4.sub(x, mean), scale), offset);
  return f32x4.pmax(y, f32x4.splat(0));
}

/** One number of {@link rectified}; `row` is the distance between coefficients in bytes. */
export function rectifiedOne(x: usize, coefficients: usize, row: usize): f32 {
  const y = (load<f32>(x) - load<f32>(coefficients)) * load<f32>(coefficients + 2 * row) +
    load<f32>(coefficients + 3 * row);
  return y < 0 ? 0 : y;
}

/** to = factor x, or to += factor x, over some bytes. */
export function addScaled(x: usize, factor: f32, to: usize, bytes: usize, fresh: bool): void {
  const wide = f32x4.splat(factor);
  const zero = f32x4.splat(0);
  const end = bytes & ~15;
  let at: usize = 0;
  if (fresh) {
    for (; at < end; at += 16) v128.store(to + at, f32x4.mul(v128.load(x + at), wide));
  } else {
    for (; at < end; at += 16) {
      v128.store(to + at, madd(v128.load(x + at), wide, v128.load(to + at)));
    }
  }
  for (; at < bytes; at += 4) {
    const before = fresh ? zero : f32x4.splat(load<f32>(to + at));
    const sum = madd(f32x4.splat(load<f32>(x + at)), wide, before);
    store<f32>(to + at, f32x4.extract_lane(sum, 0));
  }
}
