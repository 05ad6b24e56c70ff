/**
 * Effective rank of features: how many directions they really use.
 *
 * @module
 */
import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import type { RowMatrix } from "./row_matrix.ts";

/**
 * Effective rank (Roy and Vetterli, 2007): the exponential of the entropy of the singular values,
 * `exp(-sum p_k ln p_k)` with `p_k = sigma_k / sum sigma`. 1 means that one direction holds
 * everything; the most is min(N, D).
 *
 * The singular values are the roots of the eigenvalues of the smaller Gram matrix, summed in
 * float64, so that a long matrix costs N D^2 operations and one small eigenvalue problem.
 *
 * @param matrix Features (N, D).
 * @param centred Whether the column means are taken off first: without it (the definition), a
 * common offset of all features counts as their first direction.
 * @returns The effective rank; 0 for a matrix of zeros (or, centred, of equal rows).
 * @throws {RangeError} If there is no row, or a value is not finite.
 */
export function effectiveRank(matrix: RowMatrix, centred = false): number {
  if (matrix.rows === 0) throw new RangeError("effective rank needs at least one row");
  const means = centred ? columnMeans(matrix) : new Float64Array(matrix.columns);
  const gram = matrix.rows < matrix.columns ? rowGram(matrix, means) : columnGram(matrix, means);
  const trace = gram.trace();
  if (!Number.isFinite(trace)) throw new RangeError("effective rank of values that are not finite");
  // Equal rows less their mean leave rounding of about 1e-16 of the mean: no direction at all.
  const offset = means.reduce((sum, mean) => sum + mean * mean, 0) * matrix.rows;
  if (trace <= 1e-28 * offset) return 0;
  const { realEigenvalues } = new EigenvalueDecomposition(gram, { assumeSymmetric: true });
  // Rounding leaves eigenvalues of about 1e-16 of the largest where the true ones are zero.
  const floor = Math.max(...realEigenvalues) * gram.rows * Number.EPSILON;
  const sigmas = realEigenvalues.filter((value) => value > floor).map(Math.sqrt);
  const total = sigmas.reduce((sum, sigma) => sum + sigma, 0);
  const entropy = sigmas.reduce((sum, sigma) => sum - sigma / total * Math.log(sigma / total), 0);
  return Math.exp(entropy);
}

/** Means of the columns, in float64. */
function columnMeans({ rows, columns, values }: RowMatrix): Float64Array {
  const means = new Float64Array(columns);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) means[c]! += values[r * columns + c]!;
  }
  return means.map((sum) => sum / rows);
}

/** The transpose of X times X, (D, D), of the matrix less its means. */
function columnGram({ rows, columns, values }: RowMatrix, means: Float64Array): Matrix {
  const sums = new Float64Array(columns * columns);
  const row = new Float64Array(columns);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) row[c] = values[r * columns + c]! - means[c]!;
    for (let i = 0; i < columns; i++) {
      const left = row[i]!;
      if (left === 0) continue;
      for (let j = i; j < columns; j++) sums[i * columns + j]! += left * row[j]!;
    }
  }
  return symmetric(columns, (i, j) => sums[i * columns + j]!);
}

/** X times its transpose, (N, N), of the matrix less its means. */
function rowGram({ rows, columns, values }: RowMatrix, means: Float64Array): Matrix {
  return symmetric(rows, (i, j) => {
    let sum = 0;
    for (let c = 0; c < columns; c++) {
      sum += (values[i * columns + c]! - means[c]!) * (values[j * columns + c]! - means[c]!);
    }
    return sum;
  });
}

/** A symmetric matrix from its upper triangle. */
function symmetric(size: number, upper: (i: number, j: number) => number): Matrix {
  const matrix = Matrix.zeros(size, size);
  for (let i = 0; i < size; i++) {
    for (let j = i; j < size; j++) {
      const value = upper(i, j);
      matrix.set(i, j, value);
      matrix.set(j, i, value);
    }
  }
  return matrix;
}
