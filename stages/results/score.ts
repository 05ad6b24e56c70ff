/**
 * One classifier's answers as a row of `result.json`.
 *
 * @module
 */
import { accuracyInterval } from "../statistics/accuracy_interval.ts";
import { standardError, wilsonInterval } from "../statistics/binomial.ts";
import {
  classAccuracies,
  confusionMatrix,
  type Predictions,
  rankOfTruth,
  topK,
} from "../statistics/classification.ts";
import type { PartAccuracy, ResultRow } from "./result_file.ts";
import type { Answers, ResultInput } from "./result_writer.ts";

/** Scores the answers of one classifier of one member. */
export function scoreAnswers(
  { probe, member, last, best, extras }: Answers,
  { test: { labels, subjects }, classes, mutual }: Pick<ResultInput, "test" | "classes"> & {
    readonly mutual: readonly number[] | undefined;
  },
): ResultRow {
  const predictions = { logits: last, labels, classes };
  const chosen = best === undefined ? undefined : { logits: best.logits, labels, classes };
  const [top1, top5] = [topK(predictions, 1), topK(predictions, 5)];
  const best1 = chosen === undefined ? undefined : topK(chosen, 1);
  return {
    probe,
    member,
    n: labels.length,
    top1_last: top1,
    top5_last: top5,
    standard_error: standardError(top1, labels.length),
    standard_error_top5: standardError(top5, labels.length),
    interval: wilsonInterval(top1, labels.length),
    bootstrap: accuracyInterval(rightAnswers(predictions), subjects),
    ...(chosen === undefined || best1 === undefined ? {} : {
      top1_best: best1,
      top5_best: topK(chosen, 5),
      standard_error_best: standardError(best1, labels.length),
      best_epoch: best!.epoch,
    }),
    per_class: classAccuracies(confusionMatrix(predictions), classes),
    ...personParts(predictions, chosen, mutual),
    ...extras,
  };
}

/** 1 for each clip whose class has the largest logit, else 0. */
export function rightAnswers(predictions: Predictions): Float64Array<ArrayBuffer> {
  return Float64Array.from(
    { length: predictions.labels.length },
    (_, i) => rankOfTruth(predictions, i) === 0 ? 1 : 0,
  );
}

/** Accuracy on classes of one person and on those of two; nothing where not both are tested. */
function personParts(
  last: Predictions,
  best: Predictions | undefined,
  mutual: readonly number[] = [],
): { readonly one_person?: PartAccuracy; readonly mutual?: PartAccuracy } {
  const pairs = new Set(mutual);
  const of = (two: boolean): PartAccuracy | undefined => {
    const clips = Array.from({ length: last.labels.length }, (_, i) => i)
      .filter((i) => pairs.has(last.labels[i]!) === two);
    if (clips.length === 0) return undefined;
    const share = (predictions: Predictions, k: number) =>
      100 * clips.filter((i) => rankOfTruth(predictions, i) < k).length / clips.length;
    return {
      n: clips.length,
      top1_last: share(last, 1),
      top5_last: share(last, 5),
      ...(best === undefined ? {} : { top1_best: share(best, 1) }),
    };
  };
  const [one, two] = [of(false), of(true)];
  return one === undefined || two === undefined ? {} : { one_person: one, mutual: two };
}
