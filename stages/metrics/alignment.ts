/**
 * Alignment of positive pairs: how far apart the two views of one clip lie on the unit sphere.
 *
 * @module
 */
import { normalizeRows, type RowMatrix } from "./row_matrix.ts";

/**
 * Alignment as Wang and Isola (2020) define it, with exponent 2:
 * `mean over i of ||x_i - y_i||^2` for unit vectors. 0 is perfect, 2 is what unrelated directions
 * have, 4 the most.
 *
 * @param first Embeddings (N, D) of one view; rows are scaled to unit length.
 * @param second Embeddings (N, D) of the other view of the same clips.
 * @throws {RangeError} If the shapes differ or there is no row.
 */
export function alignment(first: RowMatrix, second: RowMatrix): number {
  if (first.rows !== second.rows || first.columns !== second.columns || first.rows === 0) {
    throw new RangeError(
      `alignment needs two matrices of one shape with a row, found (${first.rows}, ` +
        `${first.columns}) and (${second.rows}, ${second.columns})`,
    );
  }
  const x = normalizeRows(first).values;
  const y = normalizeRows(second).values;
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += (x[i]! - y[i]!) ** 2;
  return sum / first.rows;
}
