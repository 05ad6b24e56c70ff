/**
 * Which clips show the same performance, filmed by different cameras: a nearest neighbour that is such
 * a twin recognises the performance, not the action.
 *
 * @module
 */

/** What tells performances apart: columns of equal length. */
export interface PerformanceColumns {
  readonly labels: ArrayLike<number>;
  readonly subjects: ArrayLike<number>;
  readonly cameras: ArrayLike<number>;
  readonly setups: ArrayLike<number>;
  readonly replications: ArrayLike<number>;
}

/**
 * The number of each clip's performance: same class, subject, setup and replication.
 *
 * @returns `undefined` where the data set does not tell performances apart: one camera has two clips of
 * the same, or none was filmed twice.
 */
export function performances(columns: PerformanceColumns): Int32Array | undefined {
  const { labels, subjects, cameras, setups, replications } = columns;
  const numbers = new Map<string, number>();
  const filmed = new Set<string>();
  const of = new Int32Array(labels.length);
  for (let clip = 0; clip < of.length; clip++) {
    const key = [labels[clip], subjects[clip], setups[clip], replications[clip]].join(" ");
    const take = `${key} ${cameras[clip]}`;
    if (filmed.has(take)) return undefined;
    filmed.add(take);
    if (!numbers.has(key)) numbers.set(key, numbers.size);
    of[clip] = numbers.get(key)!;
  }
  return numbers.size < of.length ? of : undefined;
}

/** How often the nearest training clip is a test clip's own performance. */
export interface TwinCount {
  /** Test clips whose nearest training clip is their performance from another camera. */
  readonly twins: number;
  /** Test clips whose performance is in training at all. */
  readonly possible: number;
}

/**
 * Counts twins in a fold.
 *
 * @param of Number of each clip's performance.
 * @param nearest The nearest training clip of each test clip.
 */
export function countTwins(
  of: Int32Array,
  train: readonly number[],
  test: readonly number[],
  nearest: ArrayLike<number>,
): TwinCount {
  const trained = new Set(train.map((clip) => of[clip]!));
  let [twins, possible] = [0, 0];
  for (const [i, clip] of test.entries()) {
    if (of[nearest[i]!] === of[clip]) twins++;
    if (trained.has(of[clip]!)) possible++;
  }
  return { twins, possible };
}
