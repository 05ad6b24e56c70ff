/**
 * How far an accuracy is known, when clips of one subject are alike: the bootstrap over subjects, and
 * beside it the one over clips where there are too few subjects for it to say much.
 *
 * @module
 */
import {
  BOOTSTRAP,
  type BootstrapParams,
  FEWEST_SUBJECTS,
  groupCount,
  type Resampled,
  resampledMean,
} from "./cluster_bootstrap.ts";

/** Intervals of an accuracy, in percent. */
export interface AccuracyInterval {
  /** Different subjects among the test clips. */
  readonly subjects: number;
  /** Whether they are fewer than ten, so that resampling them says too little. */
  readonly few_subjects: boolean;
  /** Whole subjects resampled; absent where there is but one. */
  readonly by_subject?: Resampled;
  /** Clips resampled as if they were independent; only where there are few subjects. */
  readonly by_clip?: Resampled;
}

/**
 * Intervals of an accuracy.
 *
 * @param right How far each clip was right: 1 or 0, or a share of several members.
 * @param subjects Subject of each clip.
 * @throws {RangeError} If there is no clip, or not one subject each.
 */
export function accuracyInterval(
  right: ArrayLike<number>,
  subjects: ArrayLike<number>,
  params: BootstrapParams = BOOTSTRAP,
): AccuracyInterval {
  const people = groupCount(subjects);
  const few = people < FEWEST_SUBJECTS;
  const percents = (groups?: ArrayLike<number>): Resampled => {
    const found = resampledMean(right, groups, "accuracy bootstrap", params);
    return {
      standard_error: 100 * found.standard_error,
      interval: [100 * found.interval[0], 100 * found.interval[1]],
      units: found.units,
    };
  };
  return {
    subjects: people,
    few_subjects: few,
    ...(people > 1 ? { by_subject: percents(subjects) } : {}),
    ...(few ? { by_clip: percents() } : {}),
  };
}

/** The interval to show: over subjects where there are enough of them, else over clips. */
export function shownInterval({ by_subject, by_clip }: AccuracyInterval): Resampled & {
  readonly by: "subject" | "clip";
} {
  return by_clip === undefined ? { ...by_subject!, by: "subject" } : { ...by_clip, by: "clip" };
}
