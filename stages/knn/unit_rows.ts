/**
 * Rows of features as directions: less a mean, where that is asked for, and scaled to length 1.
 *
 * @module
 */
import type { RowMatrix } from "../metrics/row_matrix.ts";

/** The mean of some rows, one value a column, in float64. */
export function columnMeans({ columns, values }: RowMatrix, rows: readonly number[]): Float64Array {
  const sums = new Float64Array(columns);
  for (const row of rows) {
    for (let c = 0; c < columns; c++) sums[c]! += values[row * columns + c]!;
  }
  return sums.map((sum) => sum / rows.length);
}

/**
 * Some rows less `means`, scaled to length 1 (a row of less than 1e-12 is divided by that, as PyTorch
 * does).
 *
 * @param means One a column; nothing is taken off if unset.
 */
export function unitRows(
  { columns, values }: RowMatrix,
  rows: readonly number[],
  means?: Float64Array,
): RowMatrix {
  const out = new Float32Array(rows.length * columns);
  const row = new Float64Array(columns);
  for (const [i, from] of rows.entries()) {
    let square = 0;
    for (let c = 0; c < columns; c++) {
      row[c] = values[from * columns + c]! - (means?.[c] ?? 0);
      square += row[c]! ** 2;
    }
    const scale = 1 / Math.max(Math.sqrt(square), 1e-12);
    for (let c = 0; c < columns; c++) out[i * columns + c] = row[c]! * scale;
  }
  return { rows: rows.length, columns, values: out };
}
