/**
 * How far a mean over clips is known when clips come in groups that were drawn together, such as all
 * clips of one subject: whole groups are drawn again, with replacement.
 *
 * Efron and Tibshirani, "An Introduction to the Bootstrap" (1993), chapters 6, 8 and 13.
 *
 * @module
 */
import { randomStream } from "../random.ts";
import { standardDeviation } from "./moments.ts";

/** Fewer subjects than this say too little of how subjects differ. */
export const FEWEST_SUBJECTS = 10;

/** How often to resample. */
export interface BootstrapParams {
  readonly resamples: number;
  readonly seed: number;
}

/** Enough that percentiles move by about a fiftieth of the interval with another seed. */
export const BOOTSTRAP: BootstrapParams = { resamples: 4000, seed: 0 };

/** What the resamples of a mean say of it. */
export interface Resampled {
  /** Standard deviation over the resamples. */
  readonly standard_error: number;
  /** Percentiles 2.5 and 97.5 of the resamples. */
  readonly interval: readonly [number, number];
  /** How many groups were drawn from. */
  readonly units: number;
}

/**
 * Draws groups again and takes the mean over all their clips each time.
 *
 * @param values One a clip.
 * @param groups Which group each clip is of; every clip its own where unset.
 * @param purpose Names the random stream.
 * @throws {RangeError} If there is no clip, or not one group each.
 */
export function resampledMean(
  values: ArrayLike<number>,
  groups: ArrayLike<number> | undefined,
  purpose: string,
  { resamples, seed }: BootstrapParams = BOOTSTRAP,
): Resampled {
  if (values.length === 0 || (groups !== undefined && groups.length !== values.length)) {
    throw new RangeError(
      `a bootstrap over ${values.length} clips and the groups of ${groups?.length ?? 0}`,
    );
  }
  const { sums, counts } = unitsOf(values, groups);
  const units = sums.length;
  const draw = drawing(units, purpose, { resamples, seed });
  const means = Array.from({ length: resamples }, () => {
    let sum = 0, count = 0;
    for (let i = 0; i < units; i++) {
      const unit = draw();
      sum += sums[unit]!;
      count += counts[unit]!;
    }
    return sum / count;
  });
  return {
    standard_error: standardDeviation(means) ?? 0,
    interval: [quantile(means, 0.025), quantile(means, 0.975)],
    units,
  };
}

/** The draws that were made last: one result's rows all draw the same, over subjects and over clips. */
const kept = new Map<string, Uint16Array>();
const MOST_KEPT = 2;
/** More draws than this, 32 MiB of them, are not kept. */
const LARGEST_KEPT = 2 ** 24;

/** Draws of units one after the other, a function of the arguments alone. */
function drawing(units: number, purpose: string, { resamples, seed }: BootstrapParams) {
  const count = units * resamples;
  const stream = randomStream(seed, purpose);
  if (units > 2 ** 16 || count > LARGEST_KEPT) return () => stream.integer(0, units - 1);
  const key = [seed, resamples, units, purpose].join();
  let draws = kept.get(key);
  if (draws === undefined) {
    draws = new Uint16Array(count);
    for (let i = 0; i < count; i++) draws[i] = stream.integer(0, units - 1);
    if (kept.size === MOST_KEPT) kept.delete(kept.keys().next().value!);
    kept.set(key, draws);
  }
  let at = 0;
  return () => draws[at++]!;
}

/** How many different groups there are. */
export function groupCount(groups: ArrayLike<number>): number {
  return new Set(Array.from(groups)).size;
}

/** Sum and number of the values of each group, or of each clip. */
function unitsOf(values: ArrayLike<number>, groups: ArrayLike<number> | undefined) {
  const place = new Map<number, number>();
  const sums: number[] = [], counts: number[] = [];
  for (let i = 0; i < values.length; i++) {
    const group = groups === undefined ? i : groups[i]!;
    const unit = place.get(group) ?? place.size;
    place.set(group, unit);
    sums[unit] = (sums[unit] ?? 0) + values[i]!;
    counts[unit] = (counts[unit] ?? 0) + 1;
  }
  return { sums, counts };
}

/**
 * A quantile, between two values in proportion.
 *
 * @param values In any order, at least one.
 * @param share From 0 to 1.
 */
export function quantile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  const at = share * (sorted.length - 1);
  const low = Math.floor(at), high = Math.ceil(at);
  return sorted[low]! + (at - low) * (sorted[high]! - sorted[low]!);
}
