/**
 * Ridge regression in its two forms: on D x D products of columns (primal) or N x N products of rows
 * (dual). Both minimise, over any subset T of the clips with n members,
 *
 * ```text
 * sum over i in T of |y_i - ybar - W^T (z_i - zbar)|^2 + strength n |W|^2
 * ```
 *
 * with the subset's own means zbar and ybar, and give the same W up to rounding.
 *
 * @module
 */
import { CholeskyDecomposition, Matrix } from "ml-matrix";
import { UnusableInput } from "../formats/unusable_input.ts";
import type { RowMatrix } from "../metrics/row_matrix.ts";
import { addColumnGram, rowGram } from "./gram.ts";

/** A fitted linear map. */
export interface RidgeFit {
  /** (D, classes) row-major. */
  readonly weights: Float64Array;
  /** (D): zbar. */
  readonly centre: Float64Array;
  /** (classes): ybar. */
  readonly offset: Float64Array;
}

/** Standardised clips from which subsets are fitted. */
export interface RidgeSystem {
  readonly form: "primal" | "dual";
  /**
   * Fits a subset with each strength in turn.
   *
   * @param subset Indices of rows, ascending.
   */
  fits(subset: readonly number[], strengths: readonly number[]): Iterable<RidgeFit>;
}

/** Clips to fit. */
interface Clips {
  /** (N, D), about standardised. */
  readonly z: RowMatrix;
  readonly labels: ArrayLike<number>;
  readonly classes: number;
}

/** The form that is cheaper for the clips: primal where D <= N. */
export function ridgeSystem(clips: Clips, form?: "primal" | "dual"): RidgeSystem {
  const cheaper = clips.z.columns <= clips.z.rows ? "primal" : "dual";
  return (form ?? cheaper) === "primal" ? primalSystem(clips) : dualSystem(clips);
}

/** Means of the features and shares of the classes over a subset. */
function centres({ z, labels, classes }: Clips, subset: readonly number[]) {
  const centre = new Float64Array(z.columns), offset = new Float64Array(classes);
  for (const i of subset) {
    const at = i * z.columns;
    for (let d = 0; d < z.columns; d++) centre[d]! += z.values[at + d]!;
    offset[labels[i]!]! += 1;
  }
  return {
    centre: centre.map((sum) => sum / subset.length),
    offset: offset.map((count) => count / subset.length),
  };
}

/** Solves `(a + strength n I) x = b` for a symmetric, positive semi-definite `a` (size, size). */
function solve(a: Float64Array, size: number, ridge: number, b: Matrix): Matrix {
  const system = Matrix.from1DArray(size, size, a);
  for (let i = 0; i < size; i++) system.set(i, i, system.get(i, i) + ridge);
  const cholesky = new CholeskyDecomposition(system);
  if (!cholesky.isPositiveDefinite()) {
    throw new UnusableInput(
      `ridge: no solution in float64 at strength times clips = ${ridge}; leave out the smallest of ` +
        `the strengths`,
    );
  }
  return cholesky.solve(b);
}

function primalSystem(clips: Clips): RidgeSystem {
  const { z, labels, classes } = clips;
  const width = z.columns;
  function* fits(subset: readonly number[], strengths: readonly number[]): Iterable<RidgeFit> {
    const { centre, offset } = centres(clips, subset);
    const n = subset.length;
    // Z^T Z and Z^T Y of centred columns, by taking off the means afterwards: the columns are
    // standardised over all clips, so that little is lost in the difference.
    const gram = new Float64Array(width * width);
    addColumnGram(z, subset, gram);
    const right = Matrix.zeros(width, classes);
    for (const i of subset) {
      for (let d = 0; d < width; d++) {
        const c = labels[i]!;
        right.set(d, c, right.get(d, c) + z.values[i * width + d]!);
      }
    }
    for (let i = 0; i < width; i++) {
      for (let j = i; j < width; j++) {
        gram[i * width + j]! -= n * centre[i]! * centre[j]!;
        gram[j * width + i] = gram[i * width + j]!;
      }
      for (let c = 0; c < classes; c++) {
        right.set(i, c, right.get(i, c) - n * centre[i]! * offset[c]!);
      }
    }
    for (const strength of strengths) {
      const weights = solve(gram, width, strength * n, right);
      yield { weights: Float64Array.from(weights.to1DArray()), centre, offset };
    }
  }
  return { form: "primal", fits };
}

function dualSystem(clips: Clips): RidgeSystem {
  const { z, labels, classes } = clips;
  const width = z.columns;
  const products = rowGram(z);
  function* fits(subset: readonly number[], strengths: readonly number[]): Iterable<RidgeFit> {
    const { centre, offset } = centres(clips, subset);
    const n = subset.length;
    const kernel = new Float64Array(n * n);
    const rowMeans = new Float64Array(n);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        kernel[i * n + j] = products[subset[i]! * z.rows + subset[j]!]!;
        rowMeans[i]! += kernel[i * n + j]! / n;
      }
    }
    const grand = rowMeans.reduce((sum, value) => sum + value, 0) / n;
    for (let i = 0; i < n; i++) {
      // One triangle and its mirror: rounding must not break the symmetry.
      for (let j = i; j < n; j++) {
        const centred = kernel[i * n + j]! + grand - rowMeans[i]! - rowMeans[j]!;
        kernel[i * n + j] = centred;
        kernel[j * n + i] = centred;
      }
    }
    const right = Matrix.zeros(n, classes);
    for (let i = 0; i < n; i++) {
      for (let c = 0; c < classes; c++) {
        right.set(i, c, (labels[subset[i]!] === c ? 1 : 0) - offset[c]!);
      }
    }
    for (const strength of strengths) {
      // W = Zc^T alpha; the columns of alpha sum to zero, so that Z serves as well as Zc.
      const alpha = solve(kernel, n, strength * n, right);
      const weights = new Float64Array(width * classes);
      for (let i = 0; i < n; i++) {
        const at = subset[i]! * width;
        const shares = alpha.getRow(i);
        for (let d = 0; d < width; d++) {
          const value = z.values[at + d]!, w = d * classes;
          for (let c = 0; c < classes; c++) weights[w + c] = weights[w + c]! + value * shares[c]!;
        }
      }
      yield { weights, centre, offset };
    }
  }
  return { form: "dual", fits };
}

/**
 * What a fit says of clips.
 *
 * @param z Standardised features.
 * @param rows Which of its rows.
 * @returns Row-major (rows, classes).
 */
export function applyRidge(
  fit: RidgeFit,
  z: RowMatrix,
  rows: ArrayLike<number>,
): Float32Array<ArrayBuffer> {
  const classes = fit.offset.length, width = z.columns;
  const out = new Float32Array(rows.length * classes);
  const sums = new Float64Array(classes);
  for (let r = 0; r < rows.length; r++) {
    sums.set(fit.offset);
    const at = rows[r]! * width;
    for (let d = 0; d < width; d++) {
      const value = z.values[at + d]! - fit.centre[d]!;
      const w = d * classes;
      for (let c = 0; c < classes; c++) sums[c] = sums[c]! + value * fit.weights[w + c]!;
    }
    out.set(sums, r * classes);
  }
  return out;
}
