/**
 * Uniformity of embeddings: how evenly they spread over the unit sphere.
 *
 * @module
 */
import { normalizeRows, type RowMatrix } from "./row_matrix.ts";

/**
 * Uniformity as Wang and Isola (2020) define it, with t = 2:
 * `log mean over pairs i < j of exp(-2 ||x_i - x_j||^2)` for unit vectors. 0 means that all
 * embeddings are one point (collapse); it falls towards about -4 as they spread.
 *
 * @param matrix Embeddings (N, D); rows are scaled to unit length. Costs N^2 D / 2 operations.
 * @throws {RangeError} If there are fewer than two rows.
 */
export function uniformity(matrix: RowMatrix): number {
  const { rows, columns } = matrix;
  if (rows < 2) throw new RangeError(`uniformity needs at least two rows, found ${rows}`);
  const x = normalizeRows(matrix).values;
  let sum = 0;
  for (let i = 0; i < rows; i++) {
    for (let j = i + 1; j < rows; j++) {
      let square = 0;
      for (let c = 0; c < columns; c++) square += (x[i * columns + c]! - x[j * columns + c]!) ** 2;
      sum += Math.exp(-2 * square);
    }
  }
  return Math.log(sum / (rows * (rows - 1) / 2));
}
