/**
 * Products of tiles of 4 x 16 numbers, as those of {@link ./tile} of 4 x 8 and number for number the same: for engines
 * that join neighbouring vectors in wider registers. Strides are in bytes.
 */
import { madd } from "./madd";

/**
 * C (rows x 16) = or += A B, with A row by row: `A[i, k]` at `a + i aRow + 4 k`, `B[k, j]` at `b + k bStep + 4 j`,
 * or for j >= 8 at `next - 32` beyond that, `C[i, j]` at `c + i cRow + 4 j`. Rows have to be a multiple of four, the
 * inner dimension one of two.
 */
export function wideRowsByPanel(
  a: usize,
  aRow: usize,
  rows: i32,
  b: usize,
  next: usize,
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
    let s00 = f32x4.splat(0), s01 = s00, s02 = s00, s03 = s00;
    let s10 = s00, s11 = s00, s12 = s00, s13 = s00;
    let s20 = s00, s21 = s00, s22 = s00, s23 = s00;
    let s30 = s00, s31 = s00, s32 = s00, s33 = s00;
    if (add) {
      s00 = v128.load(c), s01 = v128.load(c, 16), s02 = v128.load(c, 32), s03 = v128.load(c, 48);
      s10 = v128.load(c1), s11 = v128.load(c1, 16);
      s12 = v128.load(c1, 32), s13 = v128.load(c1, 48);
      s20 = v128.load(c2), s21 = v128.load(c2, 16);
      s22 = v128.load(c2, 32), s23 = v128.load(c2, 48);
      s30 = v128.load(c3), s31 = v128.load(c3, 16);
      s32 = v128.load(c3, 32), s33 = v128.load(c3, 48);
    }
    let at = b, beside = b + next;
    for (const end = a0 + ((inner as usize) << 2); a0 < end;) {
      let b0 = v128.load(at), b1 = v128.load(at, 16);
      let b2 = v128.load(beside), b3 = v128.load(beside, 16);
      let x = v128.load32_splat(a0);
      s00 = madd(x, b0, s00), s01 = madd(x, b1, s01), s02 = madd(x, b2, s02), s03 = madd(x, b3, s03);
      x = v128.load32_splat(a1);
      s10 = madd(x, b0, s10), s11 = madd(x, b1, s11), s12 = madd(x, b2, s12), s13 = madd(x, b3, s13);
      x = v128.load32_splat(a2);
      s20 = madd(x, b0, s20), s21 = madd(x, b1, s21), s22 = madd(x, b2, s22), s23 = madd(x, b3, s23);
      x = v128.load32_splat(a3);
      s30 = madd(x, b0, s30), s31 = madd(x, b1, s31), s32 = madd(x, b2, s32), s33 = madd(x, b3, s33);
      at += bStep, beside += bStep;
      b0 = v128.load(at), b1 = v128.load(at, 16);
      b2 = v128.load(beside), b3 = v128.load(beside, 16);
      x = v128.load32_splat(a0, 4);
      s00 = madd(x, b0, s00), s01 = madd(x, b1, s01), s02 = madd(x, b2, s02), s03 = madd(x, b3, s03);
      x = v128.load32_splat(a1, 4);
      s10 = madd(x, b0, s10), s11 = madd(x, b1, s11), s12 = madd(x, b2, s12), s13 = madd(x, b3, s13);
      x = v128.load32_splat(a2, 4);
      s20 = madd(x, b0, s20), s21 = madd(x, b1, s21), s22 = madd(x, b2, s22), s23 = madd(x, b3, s23);
      x = v128.load32_splat(a3, 4);
      s30 = madd(x, b0, s30), s31 = madd(x, b1, s31), s32 = madd(x, b2, s32), s33 = madd(x, b3, s33);
      at += bStep, beside += bStep;
      a0 += 8, a1 += 8, a2 += 8, a3 += 8;
    }
    v128.store(c, s00), v128.store(c, s01, 16), v128.store(c, s02, 32), v128.store(c, s03, 48);
    v128.store(c1, s10), v128.store(c1, s11, 16), v128.store(c1, s12, 32), v128.store(c1, s13, 48);
    v128.store(c2, s20), v128.store(c2, s21, 16), v128.store(c2, s22, 32), v128.store(c2, s23, 48);
    v128.store(c3, s30), v128.store(c3, s31, 16), v128.store(c3, s32, 32), v128.store(c3, s33, 48);
    c = c3 + cRow;
  }
}

/**
 * C (rows x 16) = or += A B, with four rows of A side by side: `A[4 t + r, k]` at `a + t aTile + k aStep + 4 r`, B and
 * C as in {@link wideRowsByPanel}. Rows have to be a multiple of four.
 */
export function wideColumnsByPanel(
  a: usize,
  aTile: usize,
  aStep: usize,
  rows: i32,
  b: usize,
  next: usize,
  bStep: usize,
  inner: i32,
  c: usize,
  cRow: usize,
  add: bool,
): void {
  for (let i = 0; i < rows; i += 4) {
    const c1 = c + cRow, c2 = c1 + cRow, c3 = c2 + cRow;
    let s00 = f32x4.splat(0), s01 = s00, s02 = s00, s03 = s00;
    let s10 = s00, s11 = s00, s12 = s00, s13 = s00;
    let s20 = s00, s21 = s00, s22 = s00, s23 = s00;
    let s30 = s00, s31 = s00, s32 = s00, s33 = s00;
    if (add) {
      s00 = v128.load(c), s01 = v128.load(c, 16), s02 = v128.load(c, 32), s03 = v128.load(c, 48);
      s10 = v128.load(c1), s11 = v128.load(c1, 16);
      s12 = v128.load(c1, 32), s13 = v128.load(c1, 48);
      s20 = v128.load(c2), s21 = v128.load(c2, 16);
      s22 = v128.load(c2, 32), s23 = v128.load(c2, 48);
      s30 = v128.load(c3), s31 = v128.load(c3, 16);
      s32 = v128.load(c3, 32), s33 = v128.load(c3, 48);
    }
    let at = a, from = b, beside = b + next;
    for (let k = 0; k < inner; k++) {
      const b0 = v128.load(from), b1 = v128.load(from, 16);
      const b2 = v128.load(beside), b3 = v128.load(beside, 16);
      let x = v128.load32_splat(at);
      s00 = madd(x, b0, s00), s01 = madd(x, b1, s01), s02 = madd(x, b2, s02), s03 = madd(x, b3, s03);
      x = v128.load32_splat(at, 4);
      s10 = madd(x, b0, s10), s11 = madd(x, b1, s11), s12 = madd(x, b2, s12), s13 = madd(x, b3, s13);
      x = v128.load32_splat(at, 8);
      s20 = madd(x, b0, s20), s21 = madd(x, b1, s21), s22 = madd(x, b2, s22), s23 = madd(x, b3, s23);
      x = v128.load32_splat(at, 12);
      s30 = madd(x, b0, s30), s31 = madd(x, b1, s31), s32 = madd(x, b2, s32), s33 = madd(x, b3, s33);
      at += aStep, from += bStep, beside += bStep;
    }
    v128.store(c, s00), v128.store(c, s01, 16), v128.store(c, s02, 32), v128.store(c, s03, 48);
    v128.store(c1, s10), v128.store(c1, s11, 16), v128.store(c1, s12, 32), v128.store(c1, s13, 48);
    v128.store(c2, s20), v128.store(c2, s21, 16), v128.store(c2, s22, 32), v128.store(c2, s23, 48);
    v128.store(c3, s30), v128.store(c3, s31, 16), v128.store(c3, s32, 32), v128.store(c3, s33, 48);
    a += aTile;
    c = c3 + cRow;
  }
}
