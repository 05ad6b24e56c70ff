/**
 * Matrices put in order for the products of {@link ./tile}: four rows side by side, so that their
 * numbers of one inner index are neighbours. What is missing of four rows or of the padded inner
 * dimension is zero. Strides are in bytes.
 */

/**
 * Four rows, each contiguous along the inner dimension: `to + k step + 4 r` = `from[r, k]`.
 *
 * @param rows How many of the four there are.
 * @param inner How many numbers a row has; zeros follow up to `padded`, a multiple of four.
 */
export function packRows(
  from: usize,
  row: usize,
  rows: i32,
  inner: i32,
  padded: i32,
  to: usize,
  step: usize,
): void {
  let k = 0;
  if (rows >= 4) {
    const r1 = from + row, r2 = r1 + row, r3 = r2 + row;
    for (; k + 4 <= inner; k += 4) {
      const at = (k as usize) << 2;
      const x0 = v128.load(from + at), x1 = v128.load(r1 + at);
      const x2 = v128.load(r2 + at), x3 = v128.load(r3 + at);
      const low01 = v128.shuffle<f32>(x0, x1, 0, 4, 1, 5);
      const low23 = v128.shuffle<f32>(x2, x3, 0, 4, 1, 5);
      const high01 = v128.shuffle<f32>(x0, x1, 2, 6, 3, 7);
      const high23 = v128.shuffle<f32>(x2, x3, 2, 6, 3, 7);
      v128.store(to, v128.shuffle<f32>(low01, low23, 0, 1, 4, 5));
      v128.store(to + step, v128.shuffle<f32>(low01, low23, 2, 3, 6, 7));
      to += step << 1;
      v128.store(to, v128.shuffle<f32>(high01, high23, 0, 1, 4, 5));
      v128.store(to + step, v128.shuffle<f32>(high01, high23, 2, 3, 6, 7));
      to += step << 1;
    }
  }
  for (; k < padded; k++) {
    v128.store(to, f32x4.splat(0));
    if (k < inner) {
      for (let r = 0; r < min(rows, 4); r++) {
        store<f32>(
          to + ((r as usize) << 2),
          load<f32>(from + (r as usize) * row + ((k as usize) << 2)),
        );
      }
    }
    to += step;
  }
}

/**
 * Four rows that already lie side by side at each inner index: `to + k step + 4 r` =
 * `from + k stride + 4 r`. Otherwise as {@link packRows}.
 */
export function packColumns(
  from: usize,
  stride: usize,
  rows: i32,
  inner: i32,
  padded: i32,
  to: usize,
  step: usize,
): void {
  let k = 0;
  if (rows >= 4) {
    for (; k < inner; k++) {
      v128.store(to, v128.load(from));
      from += stride, to += step;
    }
  }
  for (; k < padded; k++) {
    v128.store(to, f32x4.splat(0));
    if (k < inner) {
      for (let r = 0; r < min(rows, 4); r++) {
        store<f32>(to + ((r as usize) << 2), load<f32>(from + ((r as usize) << 2)));
      }
    }
    from += stride, to += step;
  }
}
