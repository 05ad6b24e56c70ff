/**
 * Features scaled by the statistics of the training clips.
 *
 * @module
 */
import type { RowMatrix } from "../metrics/row_matrix.ts";

/** Mean and scale of each column that varies over the training clips. */
export interface Standardizer {
  /** Columns that vary; the others say nothing and are left out. */
  readonly columns: Int32Array;
  readonly means: Float64Array;
  /** One over the standard deviation (division by n). */
  readonly scales: Float64Array;
}

/** A column that varies by less than this share of its mean holds rounding of float32 alone. */
const LEAST_VARIATION = 1e-6;

/** Estimates mean and scale of each column from the rows of the training clips. */
export function fitStandardizer(features: RowMatrix, train: ArrayLike<number>): Standardizer {
  const { columns: width, values } = features;
  const sums = new Float64Array(width), squares = new Float64Array(width);
  for (let i = 0; i < train.length; i++) {
    const at = train[i]! * width;
    for (let d = 0; d < width; d++) sums[d]! += values[at + d]!;
  }
  const means = sums.map((sum) => sum / train.length);
  for (let i = 0; i < train.length; i++) {
    const at = train[i]! * width;
    for (let d = 0; d < width; d++) squares[d]! += (values[at + d]! - means[d]!) ** 2;
  }
  const kept: number[] = [];
  for (let d = 0; d < width; d++) {
    const deviation = Math.sqrt(squares[d]! / train.length);
    if (deviation > LEAST_VARIATION * Math.abs(means[d]!)) kept.push(d);
  }
  return {
    columns: Int32Array.from(kept),
    means: Float64Array.from(kept, (d) => means[d]!),
    scales: Float64Array.from(kept, (d) => 1 / Math.sqrt(squares[d]! / train.length)),
  };
}

/** The varying columns of some rows, each with the training clips' mean 0 and deviation 1. */
export function standardize(
  features: RowMatrix,
  rows: ArrayLike<number>,
  { columns, means, scales }: Standardizer,
): RowMatrix {
  const width = columns.length;
  const values = new Float32Array(rows.length * width);
  for (let i = 0; i < rows.length; i++) {
    const from = rows[i]! * features.columns, to = i * width;
    for (let d = 0; d < width; d++) {
      values[to + d] = (features.values[from + columns[d]!]! - means[d]!) * scales[d]!;
    }
  }
  return { rows: rows.length, columns: width, values };
}
