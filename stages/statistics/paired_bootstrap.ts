/**
 * The difference of two classifiers on the same clips, with an interval: resampling what was drawn
 * independently (subjects where there are enough of them, else clips) keeps both the pairing and the
 * likeness of one person's clips.
 *
 * Efron and Tibshirani, "An Introduction to the Bootstrap" (1993), chapters 6 and 13.
 *
 * @module
 */
import {
  BOOTSTRAP,
  type BootstrapParams,
  FEWEST_SUBJECTS,
  groupCount,
  resampledMean,
} from "./cluster_bootstrap.ts";
import { mean } from "./moments.ts";

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
  params: BootstrapParams = BOOTSTRAP,
): PairedDifference {
  const clips = differences.length;
  if (clips === 0 || subjects.length !== clips) {
    throw new RangeError(`a paired difference of ${clips} clips and ${subjects.length} subjects`);
  }
  const by = groupCount(subjects) >= FEWEST_SUBJECTS ? "subject" : "clip";
  const groups = by === "subject" ? subjects : undefined;
  return {
    difference: mean(Array.from(differences)),
    ...resampledMean(differences, groups, "paired bootstrap", params),
    by,
  };
}
