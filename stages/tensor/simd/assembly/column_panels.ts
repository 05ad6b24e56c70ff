/** Rows regrouped into panels of 4 or 8 channels, so that a tile walks along memory. */
import { rectified, rectifiedOne } from "./scaled_rows";

/**
 * Writes channels of rows as panels of 4: (channels / 4, rows of a panel, 4), zeros beyond the channels.
 *
 * @param count Rows, `row` bytes apart.
 * @param channels From `x` on.
 * @param panel Bytes from panel to panel in `to`.
 * @param coefficients 0, or those of `x`, as in {@link copyRows}; their rows are `coefficientRow` bytes apart.
 */
export function panelsOfFour(
  x: usize,
  count: i32,
  row: usize,
  channels: i32,
  to: usize,
  panel: usize,
  coefficients: usize,
  coefficientRow: usize,
): void {
  let c = 0;
  for (; c + 4 <= channels; c += 4, x += 16, to += panel) {
    const end = x + row * count;
    if (coefficients === 0) {
      for (let from = x, at = to; from < end; from += row, at += 16) {
        v128.store(at, v128.load(from));
      }
    } else {
      const own = coefficients + ((c as usize) << 2);
      const mean = v128.load(own);
      const scale = v128.load(own + 2 * coefficientRow);
      const offset = v128.load(own + 3 * coefficientRow);
      for (let from = x, at = to; from < end; from += row, at += 16) {
        v128.store(at, rectified(v128.load(from), mean, scale, offset));
      }
    }
  }
  if (c === channels) return;
  const end = x + row * count;
  for (let from = x, at = to; from < end; from += row, at += 16) {
    v128.store(at, f32x4.splat(0));
    for (let j = c; j < channels; j++) {
      const skip = ((j - c) as usize) << 2;
      const value = coefficients === 0
        ? load<f32>(from + skip)
        : rectifiedOne(from + skip, coefficients + ((j as usize) << 2), coefficientRow);
      store<f32>(at + skip, value);
    }
  }
}

/** Writes rows as panels of 8: (channels / 8, rows of a panel, 8), zeros beyond the channels. */
export function panelsOfEight(
  x: usize,
  count: i32,
  row: usize,
  channels: i32,
  to: usize,
  panel: usize,
): void {
  let c = 0;
  for (; c + 8 <= channels; c += 8, x += 32, to += panel) {
    const end = x + row * count;
    for (let from = x, at = to; from < end; from += row, at += 32) {
      v128.store(at, v128.load(from));
      v128.store(at, v128.load(from, 16), 16);
    }
  }
  if (c === channels) return;
  const end = x + row * count;
  for (let from = x, at = to; from < end; from += row, at += 32) {
    v128.store(at, f32x4.splat(0));
    v128.store(at, f32x4.splat(0), 16);
    for (let j = 0; j < channels - c; j++) {
      store<f32>(at + ((j as usize) << 2), load<f32>(from + ((j as usize) << 2)));
    }
  }
}
