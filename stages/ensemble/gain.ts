/**
 * What an ensemble gains over its best single stream.
 *
 * @module
 */
import type { Moment } from "../results/result_file.ts";
import { rightAnswers } from "../results/score.ts";
import type { Predictions } from "../statistics/classification.ts";
import { mean } from "../statistics/moments.ts";
import { type PairedDifference, pairedDifference } from "../statistics/paired_bootstrap.ts";
import { bestEpoch, logitsOf, type Member } from "./members.ts";

/** A stream by itself. Accuracies are in percent, means over the members. */
export interface SingleStream {
  readonly name: string;
  readonly top1_last: number;
  /** Absent where the probe has no best epochs. */
  readonly top1_best?: number;
  /** One a member. */
  readonly best_epochs?: readonly (number | undefined)[];
  /** For each clip the share of members that are right, at the moment that is compared. */
  readonly right: Float64Array;
}

/** What all streams are asked about. */
export type Questions = Pick<Predictions, "labels" | "classes">;

/** For each clip the share of members that are right. */
export function shareRight(logits: readonly Float32Array[], questions: Questions): Float64Array {
  const right = logits.map((each) => rightAnswers({ logits: each, ...questions }));
  return Float64Array.from(right[0]!, (_, i) => mean(right.map((member) => member[i]!)));
}

/** A mean of shares in percent. */
export function percent(shares: Float64Array): number {
  return 100 * mean([...shares]);
}

/**
 * Each stream's own answers.
 *
 * @param names Of the streams, in the order of the members' parts.
 * @param at The moment that is compared.
 * @param withBest Whether all parts have answers at a best epoch.
 */
export function singleStreams(
  names: readonly string[],
  members: readonly Member[],
  probe: string,
  questions: Questions,
  at: Moment,
  withBest: boolean,
): readonly SingleStream[] {
  return names.map((name, s) => {
    const share = (moment: Moment) =>
      shareRight(members.map(({ parts }) => logitsOf(parts[s]!, probe, moment)!), questions);
    const last = share("last");
    const best = withBest ? share("best") : undefined;
    return {
      name,
      top1_last: percent(last),
      ...(best === undefined ? {} : {
        top1_best: percent(best),
        best_epochs: members.map(({ parts }) => bestEpoch(parts[s]!, probe)),
      }),
      right: at === "best" ? best! : last,
    };
  });
}

/** A gain in points, and over which stream it is. */
export interface Gain extends PairedDifference {
  readonly over: string;
}

/**
 * The paired gain over the stream that has most right, the first of equals: which one that is, is decided
 * on the test set, so that the gain over a stream chosen beforehand is as large or larger.
 *
 * @param whole For each clip the share of the ensemble's members that are right.
 * @param subjects Subject of each clip.
 */
export function gainOverBest(
  whole: Float64Array,
  singles: readonly SingleStream[],
  subjects: ArrayLike<number>,
): Gain {
  const best = singles.reduce((a, b) => mean([...b.right]) > mean([...a.right]) ? b : a);
  const found = pairedDifference(whole.map((right, i) => right - best.right[i]!), subjects);
  const [low, high] = found.interval;
  return {
    ...found,
    difference: 100 * found.difference,
    standard_error: 100 * found.standard_error,
    interval: [100 * low, 100 * high],
    over: best.name,
  };
}
