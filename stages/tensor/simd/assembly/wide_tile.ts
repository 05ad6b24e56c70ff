/**
 * The inner loop of all convolutions where there are sixteen outputs or more: 6 rows by 16 outputs. An engine that
 * joins neighbouring vectors in wider registers holds them in 12 of those; others do better with
 * {@link ./product_tile}, which gives the same numbers.
 */
import { madd } from "./madd";

/** Outputs of a tile: two panels of eight. */
export const WIDE: i32 = 16;

/**
 * y[i, 0..16) = start[0..16) + sum over taps k and inner channels c of x_k[i, c] panel[k, c, 0..16), for 6 rows i.
 *
 * @param table Pointers to the taps' rows, one word a tap, to which `offset` is added.
 * @param inner Bytes of a row of inner channels; rows follow one another.
 * @param panel Kernels (taps, inner channels, 8) of the first eight outputs.
 * @param next Bytes from there to those of the other eight.
 */
export function wideTile(
  table: usize,
  taps: i32,
  offset: usize,
  inner: usize,
  panel: usize,
  next: usize,
  start: usize,
  y: usize,
  yRow: usize,
): void {
  let a0 = v128.load(start);
  let a1 = v128.load(start, 16);
  let a2 = v128.load(start, 32);
  let a3 = v128.load(start, 48);
  let b0 = a0, b1 = a1, b2 = a2, b3 = a3;
  let c0 = a0, c1 = a1, c2 = a2, c3 = a3;
  let d0 = a0, d1 = a1, d2 = a2, d3 = a3;
  let e0 = a0, e1 = a1, e2 = a2, e3 = a3;
  let f0 = a0, f1 = a1, f2 = a2, f3 = a3;
  let other = panel + next;
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
      const w2 = v128.load(other);
      const w3 = v128.load(other, 16);
      let s = v128.load32_splat(p0);
      a0 = madd(s, w0, a0);
      a1 = madd(s, w1, a1);
      a2 = madd(s, w2, a2);
      a3 = madd(s, w3, a3);
      s = v128.load32_splat(p1);
      b0 = madd(s, w0, b0);
      b1 = madd(s, w1, b1);
      b2 = madd(s, w2, b2);
      b3 = madd(s, w3, b3);
      s = v128.load32_splat(p2);
      c0 = madd(s, w0, c0);
      c1 = madd(s, w1, c1);
      c2 = madd(s, w2, c2);
      c3 = madd(s, w3, c3);
      s = v128.load32_splat(p3);
      d0 = madd(s, w0, d0);
      d1 = madd(s, w1, d1);
      d2 = madd(s, w2, d2);
      d3 = madd(s, w3, d3);
      s = v128.load32_splat(p4);
      e0 = madd(s, w0, e0);
      e1 = madd(s, w1, e1);
      e2 = madd(s, w2, e2);
      e3 = madd(s, w3, e3);
      s = v128.load32_splat(p5);
      f0 = madd(s, w0, f0);
      f1 = madd(s, w1, f1);
      f2 = madd(s, w2, f2);
      f3 = madd(s, w3, f3);
      p0 += 4;
      p1 += 4;
      p2 += 4;
      p3 += 4;
      p4 += 4;
      p5 += 4;
      panel += 32;
      other += 32;
    }
  }
  v128.store(y, a0), v128.store(y, a1, 16), v128.store(y, a2, 32), v128.store(y, a3, 48);
  y += yRow;
  v128.store(y, b0), v128.store(y, b1, 16), v128.store(y, b2, 32), v128.store(y, b3, 48);
  y += yRow;
  v128.store(y, c0), v128.store(y, c1, 16), v128.store(y, c2, 32), v128.store(y, c3, 48);
  y += yRow;
  v128.store(y, d0), v128.store(y, d1, 16), v128.store(y, d2, 32), v128.store(y, d3, 48);
  y += yRow;
  v128.store(y, e0), v128.store(y, e1, 16), v128.store(y, e2, 32), v128.store(y, e3, 48);
  y += yRow;
  v128.store(y, f0), v128.store(y, f1, 16), v128.store(y, f2, 32), v128.store(y, f3, 48);
}
