/** The inner loop of all kernel gradients: 4 inner by 8 outer channels in 8 registers, while rows run by. */
import { madd } from "./madd";

/**
 * sums[c, o] += sum over rows r of x[r, c] dy[r, o], for 4 channels c and 8 channels o.
 *
 * @param xRow Bytes from row to row of x, likewise `dyRow`.
 * @param row Bytes from row to row of the sums.
 * @param fresh Whether the sums begin at zero, whatever lies there.
 */
export function outerTile(
  x: usize,
  xRow: usize,
  dy: usize,
  dyRow: usize,
  rows: i32,
  sums: usize,
  row: usize,
  fresh: bool,
): void {
  const second = sums + row;
  const third = second + row;
  const fourth = third + row;
  let a0 = f32x4.splat(0);
  let a1 = a0;
  let b0 = a0;
  let b1 = a0;
  let c0 = a0;
  let c1 = a0;
  let d0 = a0;
  let d1 = a0;
  if (!fresh) {
    a0 = v128.load(sums);
    a1 = v128.load(sums, 16);
    b0 = v128.load(second);
    b1 = v128.load(second, 16);
    c0 = v128.load(third);
    c1 = v128.load(third, 16);
    d0 = v128.load(fourth);
    d1 = v128.load(fourth, 16);
  }
  const end = x + xRow * rows;
  const pairs = end - (rows & 1 ? xRow : 0);
  while (x < pairs) {
    let y0 = v128.load(dy);
    let y1 = v128.load(dy, 16);
    let s: v128;
    s = v128.load32_splat(x);
    a0 = madd(s, y0, a0);
    a1 = madd(s, y1, a1);
    s = v128.load32_splat(x, 4);
    b0 = madd(s, y0, b0);
    b1 = madd(s, y1, b1);
    s = v128.load32_splat(x, 8);
    c0 = madd(s, y0, c0);
    c1 = madd(s, y1, c1);
    s = v128.load32_splat(x, 12);
    d0 = madd(s, y0, d0);
    d1 = madd(s, y1, d1);
    x += xRow;
    dy += dyRow;
    y0 = v128.load(dy);
    y1 = v128.load(dy, 16);
    s = v128.load32_splat(x);
    a0 = madd(s, y0, a0);
    a1 = madd(s, y1, a1);
    s = v128.load32_splat(x, 4);
    b0 = madd(s, y0, b0);
    b1 = madd(s, y1, b1);
    s = v128.load32_splat(x, 8);
    c0 = madd(s, y0, c0);
    c1 = madd(s, y1, c1);
    s = v128.load32_splat(x, 12);
    d0 = madd(s, y0, d0);
    d1 = madd(s, y1, d1);
    x += xRow;
    dy += dyRow;
  }
  if (x < end) {
    const y0 = v128.load(dy);
    const y1 = v128.load(dy, 16);
    let s: v128;
    s = v128.load32_splat(x);
    a0 = madd(s, y0, a0);
    a1 = madd(s, y1, a1);
    s = v128.load32_splat(x, 4);
    b0 = madd(s, y0, b0);
    b1 = madd(s, y1, b1);
    s = v128.load32_splat(x, 8);
    c0 = madd(s, y0, c0);
    c1 = madd(s, y1, c1);
    s = v128.load32_splat(x, 12);
    d0 = madd(s, y0, d0);
    d1 = madd(s, y1, d1);
  }
  v128.store(sums, a0);
  v128.store(sums, a1, 16);
  v128.store(second, b0);
  v128.store(second, b1, 16);
  v128.store(third, c0);
  v128.store(third, c1, 16);
  v128.store(fourth, d0);
  v128.store(fourth, d1, 16);
}

/**
 * {@link outerTile} for 16 channels o, in 8 registers of an engine that joins neighbouring vectors.
 *
 * @param next Bytes from the first eight channels of dy to the other eight; in the sums they follow one another.
 */
export function wideOuterTile(
  x: usize,
  xRow: usize,
  dy: usize,
  next: usize,
  dyRow: usize,
  rows: i32,
  sums: usize,
  row: usize,
  fresh: bool,
): void {
  const second = sums + row;
  const third = second + row;
  const fourth = third + row;
  let a0 = f32x4.splat(0);
  let a1 = a0, a2 = a0, a3 = a0;
  let b0 = a0, b1 = a0, b2 = a0, b3 = a0;
  let c0 = a0, c1 = a0, c2 = a0, c3 = a0;
  let d0 = a0, d1 = a0, d2 = a0, d3 = a0;
  if (!fresh) {
    a0 = v128.load(sums), a1 = v128.load(sums, 16);
    a2 = v128.load(sums, 32), a3 = v128.load(sums, 48);
    b0 = v128.load(second), b1 = v128.load(second, 16);
    b2 = v128.load(second, 32), b3 = v128.load(second, 48);
    c0 = v128.load(third), c1 = v128.load(third, 16);
    c2 = v128.load(third, 32), c3 = v128.load(third, 48);
    d0 = v128.load(fourth), d1 = v128.load(fourth, 16);
    d2 = v128.load(fourth, 32), d3 = v128.load(fourth, 48);
  }
  let other = dy + next;
  for (const end = x + xRow * rows; x < end; x += xRow, dy += dyRow, other += dyRow) {
    const y0 = v128.load(dy), y1 = v128.load(dy, 16);
    const y2 = v128.load(other), y3 = v128.load(other, 16);
    let s = v128.load32_splat(x);
    a0 = madd(s, y0, a0), a1 = madd(s, y1, a1);
    a2 = madd(s, y2, a2), a3 = madd(s, y3, a3);
    s = v128.load32_splat(x, 4);
    b0 = madd(s, y0, b0), b1 = madd(s, y1, b1);
    b2 = madd(s, y2, b2), b3 = madd(s, y3, b3);
    s = v128.load32_splat(x, 8);
    c0 = madd(s, y0, c0), c1 = madd(s, y1, c1);
    c2 = madd(s, y2, c2), c3 = madd(s, y3, c3);
    s = v128.load32_splat(x, 12);
    d0 = madd(s, y0, d0), d1 = madd(s, y1, d1);
    d2 = madd(s, y2, d2), d3 = madd(s, y3, d3);
  }
  v128.store(sums, a0), v128.store(sums, a1, 16);
  v128.store(sums, a2, 32), v128.store(sums, a3, 48);
  v128.store(second, b0), v128.store(second, b1, 16);
  v128.store(second, b2, 32), v128.store(second, b3, 48);
  v128.store(third, c0), v128.store(third, c1, 16);
  v128.store(third, c2, 32), v128.store(third, c3, 48);
  v128.store(fourth, d0), v128.store(fourth, d1, 16);
  v128.store(fourth, d2, 32), v128.store(fourth, d3, 48);
}
