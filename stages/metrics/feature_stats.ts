/**
 * What a set of features looks like in four numbers, to see a collapse or a scale at a glance.
 *
 * @module
 */
import { effectiveRank } from "./effective_rank.ts";
import type { RowMatrix } from "./row_matrix.ts";

/** Figures of a feature matrix (N, D). */
export interface FeatureStats {
  /** Mean of all values. */
  readonly mean: number;
  /** Root mean square, over the columns, of each column's standard deviation over the clips. */
  readonly std: number;
  /** Effective rank of the features as they are. */
  readonly effective_rank: number;
  /** Effective rank after the column means are taken off. */
  readonly effective_rank_centred: number;
}

/**
 * Computes the figures.
 *
 * @throws {RangeError} If there is no row, or a value is not finite.
 */
export function featureStats(matrix: RowMatrix): FeatureStats {
  const { rows, columns, values } = matrix;
  let total = 0;
  let variance = 0;
  for (let c = 0; c < columns; c++) {
    let sum = 0;
    for (let r = 0; r < rows; r++) sum += values[r * columns + c]!;
    const mean = sum / rows;
    let squares = 0;
    for (let r = 0; r < rows; r++) squares += (values[r * columns + c]! - mean) ** 2;
    total += mean;
    variance += squares / rows;
  }
  return {
    mean: total / columns,
    std: Math.sqrt(variance / columns),
    effective_rank: effectiveRank(matrix),
    effective_rank_centred: effectiveRank(matrix, true),
  };
}
