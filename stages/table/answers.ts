/**
 * What a classifier answered of each test clip: what two rows are compared by, clip for clip.
 *
 * @module
 */
import type { Moment } from "../results/result_file.ts";
import type { Result } from "../results/result_reader.ts";
import { rankOfTruth } from "../statistics/classification.ts";

/** Test clips of a result, each with how it was answered by one kind of classifier. */
export interface Answers {
  /** Indices of the test clips, ascending. */
  readonly clips: Int32Array;
  /** Subject of each. */
  readonly subjects: Int32Array;
  /** Share of the members that named its class, at the last epoch. */
  readonly right: Float64Array;
  /** The same at the epoch that was best on the test set, for classifiers that have epochs. */
  readonly right_best?: Float64Array;
}

/** Answers by the kind of classifier. */
export type AnswersByProbe = Readonly<Record<string, Answers>>;

/** Whether two results are of the same test clips. */
export function ofSameClips(first: Answers, second: Answers): boolean {
  return first.clips.length === second.clips.length &&
    first.clips.every((clip, i) => clip === second.clips[i]);
}

/** Reads the answers of all classifiers of a result. */
export function answersOf(result: Result): AnswersByProbe {
  const { file: { classes, rows }, test: { clips, labels, subjects } } = result;
  const shares = (probe: string, at: Moment): Float64Array | undefined => {
    const members = result.membersOf(probe);
    const right = new Float64Array(labels.length);
    for (const member of members) {
      const logits = result.logits(probe, member, at);
      if (logits === undefined) return undefined;
      for (let i = 0; i < right.length; i++) {
        if (rankOfTruth({ logits, labels, classes }, i) === 0) right[i]! += 1 / members.length;
      }
    }
    return right;
  };
  const probes = [...new Set(rows.map(({ probe }) => probe))];
  return Object.fromEntries(probes.map((probe) => {
    const best = shares(probe, "best");
    const right = shares(probe, "last")!;
    return [probe, { clips, subjects, right, ...(best === undefined ? {} : { right_best: best }) }];
  }));
}
