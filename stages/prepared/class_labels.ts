/**
 * Classes as prepared files state them: whole numbers from 0, or rows with one 1 among zeros.
 *
 * @module
 */

/** More classes than any data set of the field has. */
export const MOST_CLASSES = 10_000;

/** A class that is a whole number from 0, or `undefined`. */
export function wholeLabel(value: unknown): number | undefined {
  const label = typeof value === "bigint" ? Number(value) : value;
  return typeof label === "number" && Number.isInteger(label) && label >= 0 && label < MOST_CLASSES
    ? label
    : undefined;
}

/** The place of the one 1 in a row of zeros, or `undefined` if the row is another. */
export function oneHotLabel(row: ArrayLike<number | bigint>): number | undefined {
  let label: number | undefined;
  for (let i = 0; i < row.length; i++) {
    const value = Number(row[i]);
    if (value === 0) continue;
    if (value !== 1 || label !== undefined) return undefined;
    label = i;
  }
  return label;
}
