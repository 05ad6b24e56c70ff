/**
 * Folds inside a training set in which the ridge strength is chosen: whole subjects where there are
 * several, so that the choice looks at people who were not fitted.
 *
 * @module
 */

/** How a training set is divided. */
export interface GroupFolds {
  /** Fold of each training clip, 0-based. */
  readonly folds: Int32Array;
  readonly count: number;
  /**
   * What was kept together: `subject`, or `clip` where all clips are one subject's, or `none` where
   * fewer than two clips leave nothing to choose by (`count` is 0 then).
   */
  readonly by: "subject" | "clip" | "none";
}

/**
 * Divides training clips into folds. Subjects, those with most clips first (the smaller number first
 * in a tie), each go to the fold with the fewest clips so far (the first in a tie). With one subject
 * the clips of each class are dealt to the folds in turn.
 *
 * @param subjects Subject of each training clip.
 * @param labels Class of each training clip.
 * @param most The most folds; fewer where there are fewer subjects (or clips).
 */
export function groupFolds(
  subjects: ArrayLike<number>,
  labels: ArrayLike<number>,
  most: number,
): GroupFolds {
  const clips = subjects.length;
  const sizes = new Map<number, number>();
  for (let i = 0; i < clips; i++) sizes.set(subjects[i]!, (sizes.get(subjects[i]!) ?? 0) + 1);
  if (sizes.size > 1) {
    const count = Math.min(most, sizes.size);
    const loads = new Array<number>(count).fill(0);
    const foldOf = new Map<number, number>();
    const ordered = [...sizes].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
    for (const [subject, size] of ordered) {
      const fold = loads.indexOf(Math.min(...loads));
      foldOf.set(subject, fold);
      loads[fold]! += size;
    }
    return {
      folds: Int32Array.from({ length: clips }, (_, i) => foldOf.get(subjects[i]!)!),
      count,
      by: "subject",
    };
  }
  if (clips < 2) return { folds: new Int32Array(clips), count: 0, by: "none" };
  const count = Math.min(most, clips);
  const dealt = new Map<number, number>();
  let next = 0;
  const folds = Int32Array.from({ length: clips }, (_, i) => {
    // Each class begins where the one before it stopped, so that no fold stays empty.
    const at = dealt.get(labels[i]!) ?? next++;
    dealt.set(labels[i]!, at + 1);
    return at % count;
  });
  return { folds, count, by: "clip" };
}
