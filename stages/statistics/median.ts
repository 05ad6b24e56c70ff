/**
 * The middle of some numbers.
 *
 * @module
 */

/** The middle value; the mean of the two middle ones of an even number of them. NaN for none. */
export function median(values: readonly number[]): number {
  const ascending = Float64Array.from(values).sort();
  const [low, high] = [(ascending.length - 1) >> 1, ascending.length >> 1];
  return ((ascending[low] ?? NaN) + (ascending[high] ?? NaN)) / 2;
}
