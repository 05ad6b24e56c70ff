/**
 * What the converged probe answered of each test clip: what two rows are compared by, clip for clip.
 *
 * @module
 */
import type { Result } from "../results/result_reader.ts";
import { rankOfTruth } from "../statistics/classification.ts";

/** Test clips of a result, each with how it was answered. */
export interface Answers {
  /** Indices of the test clips, ascending. */
  readonly clips: Int32Array;
  /** Subject of each. */
  readonly subjects: Int32Array;
  /** Share of the members that named its class, by the converged probe. */
  readonly right: Float64Array;
}

/** Whether two results are of the same test clips. */
export function ofSameClips(first: Answers, second: Answers): boolean {
  return first.clips.length === second.clips.length &&
    first.clips.every((clip, i) => clip === second.clips[i]);
}

/** Reads the answers of a result. */
export function answersOf(result: Result, probe = "linear_converged"): Answers {
  const { file: { classes }, test: { clips, labels, subjects } } = result;
  const members = result.membersOf(probe);
  const right = new Float64Array(labels.length);
  for (const member of members) {
    const logits = result.logits(probe, member, "last")!;
    for (let i = 0; i < right.length; i++) {
      if (rankOfTruth({ logits, labels, classes }, i) === 0) right[i]! += 1 / members.length;
    }
  }
  return { clips, subjects, right };
}
