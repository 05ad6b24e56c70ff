/**
 * All probes of one member's features, their test predictions pooled over the folds.
 *
 * @module
 */
import { topK } from "../statistics/classification.ts";
import type { LinearParams } from "./definition.ts";
import type { EvaluationInput } from "./evaluation_input.ts";
import { nearestNeighbour } from "./nearest_neighbour.ts";
import { countTwins, type TwinCount } from "./performances.ts";
import { type RidgeProbe, ridgeProbe } from "./ridge_probe.ts";
import { type LabelledFeatures, SgdProbe } from "./sgd_probe.ts";

/** Test accuracy of the released probe after some epoch. */
export interface Evaluation {
  readonly epoch: number;
  /** Mean cross-entropy of the epoch's batches. */
  readonly loss: number;
  /** Percent. */
  readonly top1: number;
  /** Percent. */
  readonly top5: number;
}

/** What the probes say of the test clips; each of the logits is (test, classes), row-major. */
export interface MemberEvaluation {
  /** Released probe after the last epoch. */
  readonly last: Float32Array<ArrayBuffer>;
  /** Released probe after the epoch that did best on the test set. */
  readonly best: Float32Array<ArrayBuffer>;
  readonly bestEpoch: number;
  readonly evaluations: readonly Evaluation[];
  /** Clips in a step of the released probe, for each fold. */
  readonly batches: readonly number[];
  readonly converged: Float32Array<ArrayBuffer>;
  /** The converged probe of each fold, without its logits. */
  readonly ridge: readonly Omit<RidgeProbe, "logits">[];
  /** Nearest training clip; absent where it was not asked for. */
  readonly nearest: Float32Array<ArrayBuffer> | undefined;
  /** Over all folds; absent also where the data set does not tell performances apart. */
  readonly twins: TwinCount | undefined;
}

/** How the stage hears of progress. */
export interface Watch {
  /** Called after each epoch; awaited. */
  epoch(epoch: number): Promise<void>;
}

/** Evaluates one member. */
export async function evaluateMember(
  data: LabelledFeatures,
  input: EvaluationInput,
  params: LinearParams,
  watch: Watch,
): Promise<MemberEvaluation> {
  const released = await releasedProbe(data, input, params, watch);
  const ridge: Omit<RidgeProbe, "logits">[] = [];
  const converged = pooled(input, data.classes, ({ train, test }) => {
    const { logits, ...rest } = ridgeProbe(data, input.subjects, train, test, params);
    ridge.push(rest);
    return logits;
  });
  const counts: TwinCount[] = [];
  const nearest = params.nearest_neighbour
    ? pooled(input, data.classes, ({ train, test }) => {
      const { logits, nearest } = nearestNeighbour(data, train, test);
      if (input.performances !== undefined) {
        counts.push(countTwins(input.performances, train, test, nearest));
      }
      return logits;
    })
    : undefined;
  const twins = counts.length === 0 ? undefined : counts.reduce((sum, fold) => ({
    twins: sum.twins + fold.twins,
    possible: sum.possible + fold.possible,
  }));
  return { ...released, converged, ridge, nearest, twins };
}

/** Logits of all test clips from those of each fold. */
function pooled(
  input: EvaluationInput,
  classes: number,
  ofFold: (fold: EvaluationInput["folds"][number], index: number) => Float32Array,
): Float32Array<ArrayBuffer> {
  const position = new Map(input.test.map((clip, i) => [clip, i]));
  const out = new Float32Array(input.test.length * classes);
  input.folds.forEach((fold, f) => {
    const logits = ofFold(fold, f);
    fold.test.forEach((clip, i) => {
      out.set(logits.subarray(i * classes, (i + 1) * classes), position.get(clip)! * classes);
    });
  });
  return out;
}

/** The released probe: all folds side by side, so that "best" is one epoch for all of them. */
async function releasedProbe(
  data: LabelledFeatures,
  input: EvaluationInput,
  params: LinearParams,
  watch: Watch,
) {
  const { classes } = data;
  const labels = Int32Array.from(input.test, (clip) => data.labels[clip]!);
  const probes = input.folds.map((fold, f) => new SgdProbe(data, fold.train, params, f));
  const evaluations: Evaluation[] = [];
  let last = new Float32Array(0), best = new Float32Array(0);
  let bestEpoch = 0, bestTop1 = -1;
  for (let epoch = 1; epoch <= params.epochs; epoch++) {
    let loss = 0;
    for (const probe of probes) loss += probe.trainEpoch() / probes.length;
    if (epoch % params.evaluate_every === 0 || epoch === params.epochs) {
      last = pooled(input, classes, (fold, f) => probes[f]!.logits(fold.test));
      const predictions = { logits: last, labels, classes };
      const top1 = topK(predictions, 1);
      evaluations.push({ epoch, loss, top1, top5: topK(predictions, 5) });
      if (top1 > bestTop1) [best, bestEpoch, bestTop1] = [last, epoch, top1];
    }
    await watch.epoch(epoch);
  }
  return { last, best, bestEpoch, evaluations, batches: probes.map((probe) => probe.batch) };
}
