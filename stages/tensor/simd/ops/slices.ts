/**
 * How passes over a matrix are cut: into slices of rows, by the matrix's shape alone.
 *
 * @module
 */

/** Numbers in a slice, about: 64 KiB, so that it stays in the second cache between two looks at it. */
const NUMBERS = 16384;

/** Rows come in multiples, so that bits of a slice are whole bytes whatever the columns. */
const MULTIPLE = 16;

/** Slices of the rows of a matrix. */
export interface Slices {
  readonly rows: number;
  readonly columns: number;
  /** Rows of a slice; the last may have fewer. */
  readonly length: number;
  readonly count: number;
}

/** The slices of a matrix (rows, columns). */
export function slicesOf(rows: number, columns: number): Slices {
  const length = Math.max(1, Math.floor(NUMBERS / columns / MULTIPLE)) * MULTIPLE;
  return { rows, columns, length, count: Math.ceil(rows / length) };
}

/** Items of a job that takes a flat array in pieces of {@link NUMBERS} numbers. */
export function piecesOf(size: number): number {
  return Math.ceil(size / NUMBERS);
}
