/**
 * Products of tiles of 4 x 8 numbers, which stay in registers while the inner dimension is walked along.
 * Strides are in bytes. The inner dimension has to be a multiple of four.
 */
import { madd } from "./madd";

/**
 * C (rows x 8) = or += A B, with A row by row: `A[i, k]` at `a + i aRow + 4 k`, `B[k, j]` at
 * `b + k bStep + 4 j`, `C[i, j]` at `c + i cRow + 4 j`. Rows have to be a multiple of four.
 */
export function rowsByPanel(
  a: usize,
  aRow: usize,
  rows: i32,
  b: usize,
  bStep: usize,
  inner: i32,
  c: usize,
  cRow: usize,
  add: bool,
): void {
  for (let i = 0; i < rows; i += 4) {
    let a0 = a, a1 = a + aRow, a2 = a1 + aRow, a3 = a2 + aRow;
    a = a3 + aRow;
    const c1 = c + cRow, c2 = c1 + cRow, c3 = c2 + cRow;
    let s00 = f32x4.splat(0), s01 = s00, s10 = s00, s11 = s00;
    let s20 = s00, s21 = s00, s30 = s00, s31 = s00;
    if (add) {
      s00 = v128.load(c), s01 = v128.load(c, 16);
      s10 = v128.load(c1), s11 = v128.load(c1, 16);
      s20 = v128.load(c2), s21 = v128.load(c2, 16);
      s30 = v128.load(c3), s31 = v128.load(c3, 16);
    }
    let at = b;
    for (let end = a0 + ((inner as usize) << 2); a0 < end;) {
      let b0 = v128.load(at), b1 = v128.load(at, 16);
      let x = v128.load32_splat(a0);
      s00 = madd(x, b0, s00), s01 = madd(x, b1, s01);
      x = v128.load32_splat(a1);
      s10 = madd(x, b0, s10), s11 = madd(x, b1, s11);
      x = v128.load32_splat(a2);
      s20 = madd(x, b0, s20), s21 = madd(x, b1, s21);
      x = v128.load32_splat(a3);
      s30 = madd(x, b0, s30), s31 = madd(x, b1, s31);
      at += bStep;
      b0 = v128.load(at), b1 = v128.load(at, 16);
      x = v128.load32_splat(a0, 4);
      s00 = madd(x, b0, s00), s01 = madd(x, b1, s01);
      x = v128.load32_splat(a1, 4);
      s10 = madd(x, b0, s10), s11 = madd(x, b1, s11);
      x = v128.load32_splat(a2, 4);
      s20 = madd(x, b0, s20), s21 = madd(x, b1, s21);
      x = v128.load32_splat(a3, 4);
      s30 = madd(x, b0, s30), s31 = madd(x, b1, s31);
      at += bStep;
      b0 = v128.load(at), b1 = v128.load(at, 16);
      x = v128.load32_splat(a0, 8);
      s00 = madd(x, b0, s00), s01 = madd(x, b1, s01);
      x = v128.load32_splat(a1, 8);
      s10 = madd(x, b0, s10), s11 = madd(x, b1, s11);
      x = v128.load32_splat(a2, 8);
      s20 = madd(x, b0, s20), s21 = madd(x, b1, s21);
      x = v128.load32_splat(a3, 8);
      s30 = madd(x, b0, s30), s31 = madd(x, b1, s31);
      at += bStep;
      b0 = v128.load(at), b1 = v128.load(at, 16);
      x = v128.load32_splat(a0, 12);
      s00 = madd(x, b0, s00), s01 = madd(x, b1, s01);
      x = v128.load32_splat(a1, 12);
      s10 = madd(x, b0, s10), s11 = madd(x, b1, s11);
      x = v128.load32_splat(a2, 12);
      s20 = madd(x, b0, s20), s21 = madd(x, b1, s21);
      x = v128.load32_splat(a3, 12);
      s30 = madd(x, b0, s30), s31 = madd(x, b1, s31);
      at += bStep;
      a0 += 16, a1 += 16, a2 += 16, a3 += 16;
    }
    v128.store(c, s00), v128.store(c, s01, 16);
    v128.store(c1, s10), v128.store(c1, s11, 16);
    v128.store(c2, s20), v128.store(c2, s21, 16);
    v128.store(c3, s30), v128.store(c3, s31, 16);
    c = c3 + cRow;
  }
}

/**
 * C (rows x 8) = or += A B, with four rows of A side by side: `A[4 t + r, k]` at
 * `a + t aTile + k aStep + 4 r`, B and C as in {@link rowsByPanel}. Rows have to be a multiple of four.
 */
export function columnsByPanel(
  a: usize,
  aTile: usize,
  aStep: usize,
  rows: i32,
  b: usize,
  bStep: usize,
  inner: i32,
  c: usize,
  cRow: usize,
  add: bool,
): void {
  for (let i = 0; i < rows; i += 4) {
    const c1 = c + cRow, c2 = c1 + cRow, c3 = c2 + cRow;
    let s00 = f32x4.splat(0), s01 = s00, s10 = s00, s11 = s00;
    let s20 = s00, s21 = s00, s30 = s00, s31 = s00;
    if (add) {
      s00 = v128.load(c), s01 = v128.load(c, 16);
      s10 = v128.load(c1), s11 = v128.load(c1, 16);
      s20 = v128.load(c2), s21 = v128.load(c2, 16);
      s30 = v128.load(c3), s31 = v128.load(c3, 16);
    }
    let at = a, from = b;
    for (let k = 0; k < inner; k += 2) {
      let b0 = v128.load(from), b1 = v128.load(from, 16);
      let x = v128.load32_splat(at);
      s00 = madd(x, b0, s00), s01 = madd(x, b1, s01);
      x = v128.load32_splat(at, 4);
      s10 = madd(x, b0, s10), s11 = madd(x, b1, s11);
      x = v128.load32_splat(at, 8);
      s20 = madd(x, b0, s20), s21 = madd(x, b1, s21);
      x = v128.load32_splat(at, 12);
      s30 = madd(x, b0, s30), s31 = madd(x, b1, s31);
      at += aStep, from += bStep;
      b0 = v128.load(from), b1 = v128.load(from, 16);
      x = v128.load32_splat(at);
      s00 = madd(x, b0, s00), s01 = madd(x, b1, s01);
      x = v128.load32_splat(at, 4);
      s10 = madd(x, b0, s10), s11 = madd(x, b1, s11);
      x = v128.load32_splat(at, 8);
      s20 = madd(x, b0, s20), s21 = madd(x, b1, s21);
      x = v128.load32_splat(at, 12);
      s30 = madd(x, b0, s30), s31 = madd(x, b1, s31);
      at += aStep, from += bStep;
    }
    v128.store(c, s00), v128.store(c, s01, 16);
    v128.store(c1, s10), v128.store(c1, s11, 16);
    v128.store(c2, s20), v128.store(c2, s21, 16);
    v128.store(c3, s30), v128.store(c3, s31, 16);
    a += aTile;
    c = c3 + cRow;
  }
}
