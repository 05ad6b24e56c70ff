/**
 * What a result of a probe on features says of them, whichever probe it was.
 *
 * @module
 */
import { featuresOrigin } from "../results/features_origin.ts";
import type { ResultInput } from "../results/result_writer.ts";
import type { EvaluationInput } from "./evaluation_input.ts";

/** A result but for its answers. */
export type ResultHead = Omit<ResultInput, "answers" | "details">;

/**
 * Title, source, test clips and the like.
 *
 * @param features Folder of the features.
 * @param title Of the result; the features' source if it has none.
 */
export async function resultHead(
  features: string,
  title: string | undefined,
  input: EvaluationInput,
): Promise<ResultHead> {
  return {
    title: title ?? input.source,
    source: input.source,
    protocol: input.protocol,
    classes: input.classes,
    ...(input.classNames === undefined ? {} : { classNames: input.classNames }),
    test: {
      clips: Int32Array.from(input.test),
      labels: Int32Array.from(input.test, (clip) => input.labels[clip]!),
      subjects: Int32Array.from(input.test, (clip) => input.subjects[clip]!),
    },
    ...(await featuresOrigin(features)),
    train: input.trainClips,
    // All members meet the same probe, with the clips in the same order.
    varied: input.members.length > 1 ? ["initialisation"] : [],
    features: input.stats,
  };
}

/** Clips of each fold, in numbers. */
export function foldSizes({ folds }: EvaluationInput) {
  return folds.map(({ name, train, test }) => ({
    name,
    train: train.length,
    test: test.length,
  }));
}
