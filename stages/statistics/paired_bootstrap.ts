/**
 * The difference of two classifiers on the same clips, with an interval: resampling what was drawn
 * independently (subjects where there are enough of them, else clips) keeps both the pairing and the
 * likeness of one person's clips.
 *
 * Efron and Tibshirani, "An Introduction to the Bootstrap" (1993), chapters 6 and 13.
 *
 * @module
 */
import { randomStream } from "../random.ts";
import { mean, standardDeviation } from "./moments.ts";

/** Fewer subjects than this say too little of how subjects differ: clips are resampled then. */
const FEWEST_SUBJECTS = 10;

/** A mean difference and how far it is known. */
export interface PairedDifference {
  /** Mean over the clips. */
  readonly difference: number;
  /** Standard deviation over the resamples. */
  readonly standard_error: number;
  /** Percentiles 2.5 and 97.5 of the resamples. */
  readonly interval: readonly [number, number];
  /** What was resampled, and how many of them there are. */
  readonly by: "subject" | "clip";
  readonly units: number;
}

/** How often to resample. */
export interface BootstrapParams {
  readonly resamples: number;
  readonly seed: number;
}

/** Enough that percentiles move by about a fiftieth of the interval with another seed. */
const DEFAULTS: BootstrapParams = { resamples: 4000, seed: 0 };

/**
 * Paired bootstrap of a mean difference.
 *
 * @param differences One a clip, such as right (1 or 0) by one classifier less right by another.
 * @param subjects Subject of each clip.
 * @throws {RangeError} If there is no clip, or not one subject each.
 */
export function pairedDifference(
  differences: ArrayLike<number>,
  subjects: ArrayLike<number>,
  { resamples, seed }: BootstrapParams = DEFAULTS,
): PairedDifference {
  const clips = differences.length;
  if (clips === 0 || subjects.length !== clips) {
    throw new RangeError(`a paired difference of ${clips} clips and ${subjects.length} subjects`);
  }
  const people = new Set(Array.from(subjects)).size;
  const by = people >= FEWEST_SUBJECTS ? "subject" : "clip";
  const { sums, counts } = unitsOf(differences, by === "subject" ? subjects : undefined);
  const stream = randomStream(seed, "paired bootstrap");
  const units = sums.length;
  const means = Array.from({ length: resamples }, () => {
    let sum = 0, count = 0;
    for (let i = 0; i < units; i++) {
      const unit = stream.integer(0, units - 1);
      sum += sums[unit]!;
      count += counts[unit]!;
    }
    return sum / count;
  });
  return {
    difference: mean(Array.from(differences)),
    standard_error: standardDeviation(means) ?? 0,
    interval: [quantile(means, 0.025), quantile(means, 0.975)],
    by,
    units,
  };
}

/** Sum and number of the differences of each subject, or of each clip. */
function unitsOf(differences: ArrayLike<number>, subjects: ArrayLike<number> | undefined) {
  const place = new Map<number, number>();
  const sums: number[] = [], counts: number[] = [];
  for (let i = 0; i < differences.length; i++) {
    const subject = subjects === undefined ? i : subjects[i]!;
    const unit = place.get(subject) ?? place.size;
    place.set(subject, unit);
    sums[unit] = (sums[unit] ?? 0) + differences[i]!;
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
  const sorted = [...values].sort((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const low = Math.floor(at), high = Math.ceil(at);
  return sorted[low]! + (at - low) * (sorted[high]! - sorted[low]!);
}
