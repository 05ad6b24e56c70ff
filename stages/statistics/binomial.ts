/**
 * Uncertainty of an accuracy: a share of successes among n independent trials.
 *
 * @module
 */

/** The 97.5 % quantile of the standard normal distribution. */
const Z95 = 1.959963984540054;

/**
 * Standard error of an accuracy by the binomial distribution, `100 sqrt(p (1 - p) / n)`.
 *
 * @param accuracy In percent.
 * @param n Number of test clips.
 * @returns In percent; 0 at 0 % and 100 %, where {@link wilsonInterval} says more.
 * @throws {RangeError} If `n` is not positive or the accuracy is no percentage.
 */
export function standardError(accuracy: number, n: number): number {
  if (!(n > 0) || !(accuracy >= 0 && accuracy <= 100)) {
    throw new RangeError(`standard error of ${accuracy} % of ${n} clips`);
  }
  const p = accuracy / 100;
  return 100 * Math.sqrt((p * (1 - p)) / n);
}

/**
 * Wilson's score interval (1927) for a share: unlike plus-minus a standard error it stays between 0
 * and 100 % and says something at both ends.
 *
 * @param accuracy In percent.
 * @param n Number of test clips.
 * @param z Normal quantile; of a 95 % interval unless told.
 * @returns Low and high end in percent.
 * @throws {RangeError} If `n` is not positive or the accuracy is no percentage.
 */
export function wilsonInterval(accuracy: number, n: number, z = Z95): [number, number] {
  if (!(n > 0) || !(accuracy >= 0 && accuracy <= 100)) {
    throw new RangeError(`interval of ${accuracy} % of ${n} clips`);
  }
  const p = accuracy / 100;
  const centre = (p + (z * z) / (2 * n)) / (1 + (z * z) / n);
  const half = (z / (1 + (z * z) / n)) * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n));
  return [100 * Math.max(0, centre - half), 100 * Math.min(1, centre + half)];
}
