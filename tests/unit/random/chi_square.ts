/**
 * How far counts are from what was expected of them.
 *
 * @module
 */

/**
 * Pearson's statistic in standard deviations, by Wilson and Hilferty's approximation: below 4 for
 * counts that follow the expectation, all but once in 30,000 draws of a seed. Tests have fixed seeds,
 * so they pass always or never.
 *
 * @param counts What was counted.
 * @param shares Probability of each cell; equal ones where left out.
 */
export function chiSquareDeviation(counts: readonly number[], shares?: readonly number[]): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const statistic = counts.reduce((sum, count, i) => {
    const expected = total * (shares?.[i] ?? 1 / counts.length);
    return sum + (count - expected) ** 2 / expected;
  }, 0);
  const freedom = counts.length - 1;
  const spread = 2 / (9 * freedom);
  return (Math.cbrt(statistic / freedom) - (1 - spread)) / Math.sqrt(spread);
}

/** Counts of the values 0 .. cells-1 in `draws` draws. */
export function tally(cells: number, draws: number, draw: () => number): number[] {
  const counts = new Array<number>(cells).fill(0);
  for (let i = 0; i < draws; i++) counts[draw()]!++;
  return counts;
}
