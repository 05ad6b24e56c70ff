/**
 * The directions in which rows vary most, by subspace iteration on the smaller of the two product
 * matrices, so that neither many columns nor many rows are a burden.
 *
 * @module
 */
import { EVD, Matrix } from "ml-matrix";
import { addColumnGram, rowGram } from "../linear_eval/gram.ts";
import type { RowMatrix } from "../metrics/row_matrix.ts";
import { randomStream } from "../random.ts";

/** Rows in fewer columns. */
export interface Components {
  /** (n, dimensions) row-major. */
  readonly values: Float64Array<ArrayBuffer>;
  readonly dimensions: number;
  /** Share of the variance that is left, up to 1. */
  readonly kept: number;
}

/** More directions than wanted are followed: the wanted ones settle sooner. */
const SPARE = 10;
/** Rounds of the iteration at most; it ends when no wanted variance moves by more than this part of the first. */
const ROUNDS = 100, STILL = 1e-8;

/** Rows less their mean. */
export function centred({ rows, columns, values }: RowMatrix): RowMatrix {
  const out = new Float32Array(values.length);
  for (let c = 0; c < columns; c++) {
    let sum = 0;
    for (let r = 0; r < rows; r++) sum += values[r * columns + c]!;
    const mean = sum / rows;
    for (let r = 0; r < rows; r++) out[r * columns + c] = values[r * columns + c]! - mean;
  }
  return { rows, columns, values: out };
}

/**
 * Rows in their first principal directions.
 *
 * @param rows Centred.
 * @param dimensions How many are wanted; rows that have no more columns than that are left as they are.
 * @param breathe Called now and then; it may wait.
 */
export async function principalComponents(
  rows: RowMatrix,
  dimensions: number,
  breathe: () => Promise<void> = () => Promise.resolve(),
): Promise<Components> {
  const { rows: n, columns: d, values } = rows;
  if (d <= dimensions) return { values: Float64Array.from(values), dimensions: d, kept: 1 };
  const side = Math.min(n, d);
  const product = d <= n ? columnGram(rows) : rowGram(rows);
  let total = 0;
  for (let i = 0; i < side; i++) total += product[i * side + i]!;
  const wanted = Math.min(dimensions, side);
  const { vectors, variances } = await leadingVectors(product, side, wanted, breathe);
  let kept = 0;
  for (let k = 0; k < wanted; k++) kept += variances[k]!;
  const out = new Float64Array(n * wanted);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < wanted; k++) {
      const vector = vectors[k]!;
      let sum = 0;
      // Of the rows' products the vectors hold the coordinates already, but for their scale.
      if (d > n) sum = vector[i]! * Math.sqrt(Math.max(0, variances[k]!));
      else for (let c = 0; c < d; c++) sum += values[i * d + c]! * vector[c]!;
      out[i * wanted + k] = sum;
    }
  }
  return { values: out, dimensions: wanted, kept: total > 0 ? Math.min(1, kept / total) : 1 };
}

function columnGram(rows: RowMatrix): Float64Array {
  const { columns: d } = rows;
  const out = new Float64Array(d * d);
  addColumnGram(rows, Array.from({ length: rows.rows }, (_, i) => i), out);
  for (let i = 0; i < d; i++) for (let j = 0; j < i; j++) out[i * d + j] = out[j * d + i]!;
  return out;
}

/** Eigenvectors of the largest eigenvalues of a symmetric matrix without negative ones, largest first. */
async function leadingVectors(
  matrix: Float64Array,
  side: number,
  wanted: number,
  breathe: () => Promise<void>,
): Promise<{ vectors: Float64Array[]; variances: readonly number[] }> {
  const width = Math.min(side, wanted + SPARE);
  const stream = randomStream(0, "tsne directions");
  let basis = orthonormal(
    Array.from({ length: width }, () => new Float64Array(side).map(() => stream.normal())),
  );
  let variances: readonly number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const images = times(matrix, side, basis);
    await breathe();
    const small = Matrix.zeros(width, width);
    for (let a = 0; a < width; a++) {
      for (let b = 0; b <= a; b++) {
        const value = dot(basis[a]!, images[b]!);
        small.set(a, b, value);
        small.set(b, a, value);
      }
    }
    const { realEigenvalues, eigenvectorMatrix } = new EVD(small, { assumeSymmetric: true });
    const order = realEigenvalues.map((_, i) => i)
      .sort((a, b) => realEigenvalues[b]! - realEigenvalues[a]! || a - b);
    const found = order.map((i) => realEigenvalues[i]!);
    const turn = (of: readonly Float64Array[]) =>
      order.map((i) => combined(of, (a) => eigenvectorMatrix.get(a, i), side));
    const still = found.every((value, k) =>
      k >= wanted || Math.abs(value - (variances[k] ?? Infinity)) <= STILL * found[0]!
    );
    variances = found;
    if (still || width === side) return { vectors: turn(basis).slice(0, wanted), variances };
    basis = orthonormal(turn(images));
  }
  return { vectors: basis.slice(0, wanted), variances };
}

function times(matrix: Float64Array, side: number, vectors: readonly Float64Array[]) {
  const out = vectors.map(() => new Float64Array(side));
  for (let i = 0; i < side; i++) {
    const row = matrix.subarray(i * side, (i + 1) * side);
    for (let a = 0; a < vectors.length; a++) out[a]![i] = dot(row, vectors[a]!);
  }
  return out;
}

function combined(
  of: readonly Float64Array[],
  weight: (at: number) => number,
  side: number,
): Float64Array {
  const out = new Float64Array(side);
  of.forEach((vector, a) => {
    const w = weight(a);
    for (let i = 0; i < side; i++) out[i]! += w * vector[i]!;
  });
  return out;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** Gram and Schmidt, twice over; vectors that the earlier ones span become zero. */
function orthonormal(vectors: readonly Float64Array[]): Float64Array[] {
  const done: Float64Array[] = [];
  for (const vector of vectors) {
    const length = Math.sqrt(dot(vector, vector));
    for (let pass = 0; pass < 2; pass++) {
      for (const other of done) {
        const share = dot(vector, other);
        for (let i = 0; i < vector.length; i++) vector[i]! -= share * other[i]!;
      }
    }
    const left = Math.sqrt(dot(vector, vector));
    const scale = left > 1e-12 * length ? 1 / left : 0;
    done.push(vector.map((value) => value * scale));
  }
  return done;
}
