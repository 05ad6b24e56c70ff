/**
 * Mean and spread of a few numbers, such as the accuracies of several initialisations.
 *
 * @module
 */

/**
 * Arithmetic mean.
 *
 * @throws {RangeError} If there is no value.
 */
export function mean(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError("mean of no values");
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * Sample standard deviation (division by n - 1).
 *
 * @returns `undefined` for fewer than two values: one value has no spread.
 */
export function standardDeviation(values: readonly number[]): number | undefined {
  if (values.length < 2) return undefined;
  const centre = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1));
}
