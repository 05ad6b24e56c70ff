/**
 * The converged linear evaluation (method section 11b): ridge regression on one-hot classes from
 * standardised features, solved exactly. Unlike the released probe it does not depend on the scale
 * of the features, on an order of clips or on a number of epochs.
 *
 * @module
 */
import { rankOfTruth } from "../statistics/classification.ts";
import { groupFolds } from "./group_folds.ts";
import { applyRidge, ridgeSystem } from "./ridge_system.ts";
import type { LabelledFeatures } from "./sgd_probe.ts";
import { fitStandardizer, standardize } from "./standardize.ts";

/** How a strength did on the training subjects that were left out in turn. */
export interface Candidate {
  /** The penalty, a share of the number of clips fitted. */
  readonly strength: number;
  /** Right predictions in percent, pooled over the folds. */
  readonly accuracy: number;
  /** Mean over clips of the squared distance to the one-hot class. */
  readonly squared_error: number;
}

/** A converged probe of one training set. */
export interface RidgeProbe {
  /** Logits of the test clips, row-major (test, classes). */
  readonly logits: Float32Array<ArrayBuffer>;
  /** The strength chosen. */
  readonly strength: number;
  /** All strengths; empty where there was nothing to choose by. */
  readonly candidates: readonly Candidate[];
  readonly selection: { readonly by: "subject" | "clip" | "none"; readonly folds: number };
  /** Which form of the equations was solved. */
  readonly form: "primal" | "dual";
  /** Columns left out because they do not vary over the training clips. */
  readonly constant_columns: number;
}

/** What a converged probe is told. */
export interface RidgeProbeParams {
  readonly strengths: readonly number[];
  /** The most folds in which the strength is chosen. */
  readonly selection_folds: number;
}

/**
 * Fits the probe and classifies the test clips.
 *
 * Columns are scaled by the training clips' standard deviation; each fit centres by the means of its
 * own clips. The strength is the one with most right predictions on left-out training subjects; in a
 * tie the one with the smaller squared error, then the larger strength.
 *
 * @param subjects Subject of every clip of the data.
 * @param train Indices of the training clips, ascending.
 * @param test Indices of the test clips.
 * @throws {RangeError} If there is no training clip.
 */
export function ridgeProbe(
  data: LabelledFeatures,
  subjects: Int32Array,
  train: readonly number[],
  test: readonly number[],
  params: RidgeProbeParams,
): RidgeProbe {
  if (train.length === 0) throw new RangeError("a linear probe needs at least one training clip");
  const scaler = fitStandardizer(data.features, train);
  const z = standardize(data.features, train, scaler);
  const labels = Int32Array.from(train, (clip) => data.labels[clip]!);
  const system = ridgeSystem({ z, labels, classes: data.classes });
  const folds = groupFolds(train.map((clip) => subjects[clip]!), labels, params.selection_folds);
  const strengths = [...new Set(params.strengths)].sort((a, b) => a - b);

  const right = strengths.map(() => 0), squares = strengths.map(() => 0);
  for (let fold = 0; fold < folds.count; fold++) {
    const kept: number[] = [], held: number[] = [];
    train.forEach((_, i) => (folds.folds[i] === fold ? held : kept).push(i));
    const truth = Int32Array.from(held, (i) => labels[i]!);
    let s = 0;
    for (const fit of system.fits(kept, strengths)) {
      const predictions = {
        logits: applyRidge(fit, z, held),
        labels: truth,
        classes: data.classes,
      };
      for (let i = 0; i < held.length; i++) {
        if (rankOfTruth(predictions, i) === 0) right[s]!++;
        squares[s]! += squaredError(predictions.logits, i, truth[i]!, data.classes);
      }
      s++;
    }
  }
  const candidates = folds.count === 0 ? [] : strengths.map((strength, s) => ({
    strength,
    accuracy: (100 * right[s]!) / train.length,
    squared_error: squares[s]! / train.length,
  }));
  const strength = chooseStrength(candidates) ?? strengths[Math.floor(strengths.length / 2)]!;
  const [fit] = system.fits(train.map((_, i) => i), [strength]);
  const zTest = standardize(data.features, test, scaler);
  return {
    logits: applyRidge(fit!, zTest, test.map((_, i) => i)),
    strength,
    candidates,
    selection: { by: folds.by, folds: folds.count },
    form: system.form,
    constant_columns: data.features.columns - scaler.columns.length,
  };
}

/** The best of the candidates, `undefined` if there is none; see {@link ridgeProbe} for ties. */
export function chooseStrength(candidates: readonly Candidate[]): number | undefined {
  const [best] = [...candidates].sort((a, b) =>
    b.accuracy - a.accuracy || a.squared_error - b.squared_error || b.strength - a.strength
  );
  return best?.strength;
}

function squaredError(logits: Float32Array, row: number, truth: number, classes: number): number {
  let sum = 0;
  for (let c = 0; c < classes; c++) {
    sum += (logits[row * classes + c]! - (c === truth ? 1 : 0)) ** 2;
  }
  return sum;
}
