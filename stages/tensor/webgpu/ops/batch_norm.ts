/**
 * Batch normalisation on the `webgpu` backend. Bytes moved in training, by number of x: 4 read for its
 * moments (nothing where the convolution before gave them), 8 to normalise; backward 8 read for the sums
 * and 12 for the gradient.
 *
 * What is normalised is written, rather than normalised again by each product that loads it: a convolution
 * of nine taps loads every number at least nine times, and would pay for that more than the 8 bytes cost.
 *
 * @module
 */
import type { Tensor } from "@tensorflow/tfjs-core";
import type { BatchNormWeights, BatchStatistics } from "../../ops/batch_norm.ts";
import type { Tape } from "../../tape.ts";
import { gradientSums, inputGradients } from "../norm_gradient.ts";
import { normalisationOf, runningNormalisation } from "../normalisation.ts";
import { normalisedRows } from "../normalised_rows.ts";

/** See the definition. */
export function batchNorm<T extends Tensor>(
  tape: Tape,
  x: T,
  weights: BatchNormWeights,
): { y: T; statistics: BatchStatistics } {
  return training(tape, x, weights, false);
}

/** See the definition. */
export function batchNormRelu<T extends Tensor>(
  tape: Tape,
  x: T,
  weights: BatchNormWeights,
): { y: T; statistics: BatchStatistics } {
  return training(tape, x, weights, true);
}

function training<T extends Tensor>(
  tape: Tape,
  x: T,
  weights: BatchNormWeights,
  rectified: boolean,
): { y: T; statistics: BatchStatistics } {
  let found: BatchStatistics | undefined;
  const y = tape.record([x, weights.weight, weights.bias], (save) => {
    const { coefficients, statistics } = normalisationOf(x, weights);
    const { mean, variance } = found = statistics;
    const y = normalisedRows(x, coefficients, { rectified });
    const [xs, ks] = [save(x), save(coefficients)];
    return [
      y,
      (dy, needs) => {
        const flow = { x: xs, coefficients: ks, dy, gate: rectified ? "relu" : "none" } as const;
        const { dWeight, dBias, slopes } = gradientSums(flow)[0]!;
        const dx = needs[0] ? inputGradients(flow, [slopes])[0]! : null;
        return [dx, dWeight, dBias];
      },
      mean,
      variance,
    ];
  });
  return { y, statistics: found! };
}

/** See the definition. */
export function batchNormEval<T extends Tensor>(
  x: T,
  weights: BatchNormWeights,
  running: BatchStatistics,
): T {
  return evaluation(x, weights, running, false);
}

/** See the definition. */
export function batchNormReluEval<T extends Tensor>(
  x: T,
  weights: BatchNormWeights,
  running: BatchStatistics,
): T {
  return evaluation(x, weights, running, true);
}

function evaluation<T extends Tensor>(
  x: T,
  weights: BatchNormWeights,
  running: BatchStatistics,
  rectified: boolean,
): T {
  const coefficients = runningNormalisation(weights, running);
  const y = normalisedRows(x, coefficients, { rectified });
  coefficients.dispose();
  return y;
}
