/**
 * The inner loop of all convolutions: 4 rows by 8 outputs, held in 8 registers while the inner channels
 * of several taps run by. More registers of sums would spill, fewer would wait for one another.
 */
import { madd } from "./madd";

/**
 * y[i, 0..8) = start[0..8) + sum over taps k and inner channels c of x_k[i, c] panel[k, c, 0..8), for rows
 * i of a tile.
 *
 * @param table Pointers to the taps' rows, one word a tap, to which `offset` is added.
 * @param inner Bytes of a row of inner channels.
 * @param x1 Bytes from the tile's first row of x to its second, likewise `x2`, `x3`.
 * @param panel Kernels (taps, inner channels, 8), one after another.
 * @param y1 Bytes from the tile's first row of y to its second, likewise `y2`, `y3`.
 * @param rows Rows to be written, 1 to 4; all four are computed.
 * @param width Outputs to be written, 1 to 8; all eight are computed.
 */
export function productTile(
  table: usize,
  taps: i32,
  offset: usize,
  inner: usize,
  x1: usize,
  x2: usize,
  x3: usize,
  panel: usize,
  start: usize,
  y: usize,
  y1: usize,
  y2: usize,
  y3: usize,
  rows: i32,
  width: i32,
): void {
  let a0 = v128.load(start);
  let a1 = v128.load(start, 16);
  let b0 = a0;
  let b1 = a1;
  let c0 = a0;
  let c1 = a1;
  let d0 = a0;
  let d1 = a1;
  const last = table + ((taps as usize) << 2);
  const pairs = inner & ~7;
  for (; table < last; table += 4) {
    let p0 = load<usize>(table) + offset;
    let p1 = p0 + x1;
    let p2 = p0 + x2;
    let p3 = p0 + x3;
    const end = p0 + pairs;
    while (p0 < end) {
      let w0 = v128.load(panel);
      let w1 = v128.load(panel, 16);
      let s = v128.load32_splat(p0);
      a0 = madd(s, w0, a0);
      a1 = madd(s, w1, a1);
      s = v128.load32_splat(p1);
      b0 = madd(s, w0, b0);
      b1 = madd(s, w1, b1);
      s = v128.load32_splat(p2);
      c0 = madd(s, w0, c0);
      c1 = madd(s, w1, c1);
      s = v128.load32_splat(p3);
      d0 = madd(s, w0, d0);
      d1 = madd(s, w1, d1);
      w0 = v128.load(panel, 32);
      w1 = v128.load(panel, 48);
      s = v128.load32_splat(p0, 4);
      a0 = madd(s, w0, a0);
      a1 = madd(s, w1, a1);
      s = v128.load32_splat(p1, 4);
      b0 = madd(s, w0, b0);
      b1 = madd(s, w1, b1);
      s = v128.load32_splat(p2, 4);
      c0 = madd(s, w0, c0);
      c1 = madd(s, w1, c1);
      s = v128.load32_splat(p3, 4);
      d0 = madd(s, w0, d0);
      d1 = madd(s, w1, d1);
      p0 += 8;
      p1 += 8;
      p2 += 8;
      p3 += 8;
      panel += 64;
    }
    if (inner !== pairs) {
      const w0 = v128.load(panel);
      const w1 = v128.load(panel, 16);
      let s = v128.load32_splat(p0);
      a0 = madd(s, w0, a0);
      a1 = madd(s, w1, a1);
      s = v128.load32_splat(p1);
      b0 = madd(s, w0, b0);
      b1 = madd(s, w1, b1);
      s = v128.load32_splat(p2);
      c0 = madd(s, w0, c0);
      c1 = madd(s, w1, c1);
      s = v128.load32_splat(p3);
      d0 = madd(s, w0, d0);
      d1 = madd(s, w1, d1);
      panel += 32;
    }
  }
  storeOutputs(y, a0, a1, width);
  if (rows > 1) storeOutputs(y + y1, b0, b1, width);
  if (rows > 2) storeOutputs(y + y2, c0, c1, width);
  if (rows > 3) storeOutputs(y + y3, d0, d1, width);
}

/** Rows of {@link tallTile}. */
export const TALL: i32 = 6;

/** How many of some rows {@link tallTile} takes: what is left fills tiles of four better than two rows would. */
export function tallRows(rows: i32): i32 {
  const tall = rows / TALL;
  const left = rows - tall * TALL;
  return (left === 2 && tall > 0 ? tall - 1 : tall) * TALL;
}

/**
 * {@link productTile} for six rows that lie evenly, all of which are written: twelve registers of sums, two of
 * the panel and one of x are all there are, and keep the units busier than eight do. Not unrolled: the compiler
 * would then load ahead, and spill.
 */
export function tallTile(
  table: usize,
  taps: i32,
  offset: usize,
  inner: usize,
  panel: usize,
  start: usize,
  y: usize,
  yRow: usize,
  width: i32,
): void {
  let a0 = v128.load(start);
  let a1 = v128.load(start, 16);
  let b0 = a0;
  let b1 = a1;
  let c0 = a0;
  let c1 = a1;
  let d0 = a0;
  let d1 = a1;
  let e0 = a0;
  let e1 = a1;
  let f0 = a0;
  let f1 = a1;
  const last = table + ((taps as usize) << 2);
  for (; table < last; table += 4) {
    let p0 = load<usize>(table) + offset;
    let p1 = p0 + inner;
    let p2 = p1 + inner;
    let p3 = p2 + inner;
    let p4 = p3 + inner;
    let p5 = p4 + inner;
    for (const end = p0 + inner; p0 < end;) {
      const w0 = v128.load(panel);
      const w1 = v128.load(panel, 16);
      let s = v128.load32_splat(p0);
      a0 = madd(s, w0, a0);
      a1 = madd(s, w1, a1);
      s = v128.load32_splat(p1);
      b0 = madd(s, w0, b0);
      b1 = madd(s, w1, b1);
      s = v128.load32_splat(p2);
      c0 = madd(s, w0, c0);
      c1 = madd(s, w1, c1);
      s = v128.load32_splat(p3);
      d0 = madd(s, w0, d0);
      d1 = madd(s, w1, d1);
      s = v128.load32_splat(p4);
      e0 = madd(s, w0, e0);
      e1 = madd(s, w1, e1);
      s = v128.load32_splat(p5);
      f0 = madd(s, w0, f0);
      f1 = madd(s, w1, f1);
      p0 += 4;
      p1 += 4;
      p2 += 4;
      p3 += 4;
      p4 += 4;
      p5 += 4;
      panel += 32;
    }
  }
  storeOutputs(y, a0, a1, width);
  y += yRow;
  storeOutputs(y, b0, b1, width);
  y += yRow;
  storeOutputs(y, c0, c1, width);
  y += yRow;
  storeOutputs(y, d0, d1, width);
  y += yRow;
  storeOutputs(y, e0, e1, width);
  y += yRow;
  storeOutputs(y, f0, f1, width);
}

/** The first `width` of eight numbers. */
export function storeOutputs(y: usize, low: v128, high: v128, width: i32): void {
  if (width === 8) {
    v128.store(y, low);
    v128.store(y, high, 16);
    return;
  }
  if (width >= 4) {
    v128.store(y, low);
    y += 16;
    width -= 4;
    low = high;
  }
  if (width > 0) v128.store_lane<f32>(y, low, 0);
  if (width > 1) v128.store_lane<f32>(y, low, 1, 4);
  if (width > 2) v128.store_lane<f32>(y, low, 2, 8);
}
