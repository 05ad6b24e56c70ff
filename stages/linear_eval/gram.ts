/**
 * Products of a feature matrix with itself, in float64.
 *
 * @module
 */
import type { RowMatrix } from "../metrics/row_matrix.ts";

/**
 * Adds `z z^T` of some rows to a Gram matrix.
 *
 * @param z (N, D).
 * @param rows Which rows.
 * @param out (D, D) row-major; only the upper triangle, diagonal included, is added to.
 */
export function addColumnGram(z: RowMatrix, rows: ArrayLike<number>, out: Float64Array): void {
  const { columns: width, values } = z;
  const fours = rows.length - (rows.length % 4);
  for (let i = 0; i < width; i++) {
    const o = i * width;
    for (let r = 0; r < fours; r += 4) {
      const r0 = rows[r]! * width, r1 = rows[r + 1]! * width;
      const r2 = rows[r + 2]! * width, r3 = rows[r + 3]! * width;
      const a = values[r0 + i]!, b = values[r1 + i]!, c = values[r2 + i]!, e = values[r3 + i]!;
      for (let j = i; j < width; j++) {
        out[o + j] = out[o + j]! + a * values[r0 + j]! + b * values[r1 + j]! +
          c * values[r2 + j]! + e * values[r3 + j]!;
      }
    }
    for (let r = fours; r < rows.length; r++) {
      const at = rows[r]! * width, a = values[at + i]!;
      for (let j = i; j < width; j++) out[o + j]! += a * values[at + j]!;
    }
  }
}

/**
 * Inner products of all pairs of rows.
 *
 * @param z (N, D).
 * @returns (N, N) row-major, both triangles.
 */
export function rowGram(z: RowMatrix): Float64Array {
  const { rows, columns: width, values } = z;
  const out = new Float64Array(rows * rows);
  for (let i = 0; i < rows; i += 2) {
    // Past the last row the row before it stands in; its products are written to no place.
    const i0 = i * width, two = i + 1 < rows, i1 = two ? i0 + width : i0;
    for (let j = i; j < rows; j += 4) {
      const left = rows - j;
      const j0 = j * width, j1 = left > 1 ? j0 + width : j0;
      const j2 = left > 2 ? j1 + width : j0, j3 = left > 3 ? j2 + width : j0;
      let a0 = 0, a1 = 0, a2 = 0, a3 = 0, b0 = 0, b1 = 0, b2 = 0, b3 = 0;
      for (let d = 0; d < width; d++) {
        const a = values[i0 + d]!, b = values[i1 + d]!;
        const p = values[j0 + d]!, q = values[j1 + d]!, s = values[j2 + d]!, t = values[j3 + d]!;
        a0 += a * p, a1 += a * q, a2 += a * s, a3 += a * t;
        b0 += b * p, b1 += b * q, b2 += b * s, b3 += b * t;
      }
      const first = [a0, a1, a2, a3], second = [b0, b1, b2, b3];
      for (let k = 0; k < Math.min(4, left); k++) {
        out[i * rows + j + k] = first[k]!;
        out[(j + k) * rows + i] = first[k]!;
        if (!two) continue;
        out[(i + 1) * rows + j + k] = second[k]!;
        out[(j + k) * rows + i + 1] = second[k]!;
      }
    }
  }
  return out;
}
