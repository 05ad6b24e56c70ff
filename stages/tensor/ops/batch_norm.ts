/**
 * Batch normalisation by PyTorch's rules (method section 5): eps 1e-5, normalised with the biased
 * variance of the batch, running statistics kept with the unbiased one.
 *
 * The bias of the convolution before it is an argument here: in training it moves the mean and
 * nothing else, so that no pass over the activations is spent on it, and its gradient is zero.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import { fused } from "../fused.ts";
import { affineColumns, columnSums, product } from "../rows.ts";
import { NO_TAPE, type Tape } from "../tape.ts";
import { relu } from "./activation.ts";

/** Added to variances. */
export const BATCH_NORM_EPSILON = 1e-5;

/** Weights of a normalisation, all (C). */
export interface BatchNormWeights {
  /** Scale gamma. */
  readonly weight: Tensor1D;
  /** Offset beta. */
  readonly bias: Tensor1D;
  /** Bias of the convolution before it, if that has one. */
  readonly before?: Tensor1D | undefined;
}

/** What a batch says about its channels, both (C): for the running statistics. */
export interface BatchStatistics {
  /** Mean, with the bias before it. */
  readonly mean: Tensor1D;
  /** Unbiased variance. */
  readonly variance: Tensor1D;
}

/**
 * Training: normalises with the batch's own statistics.
 *
 * @param x (..., C): all leading axes together are the batch, at least two rows.
 * @returns The normalised x, and the statistics; all owned by the enclosing `tf.tidy`.
 */
export function batchNorm<T extends Tensor>(
  tape: Tape,
  x: T,
  { weight, bias, before }: BatchNormWeights,
): { y: T; statistics: BatchStatistics } {
  const own = fused().batchNorm;
  if (own !== undefined) return own(tape, x, { weight, bias, before });
  const columns = weight.size;
  const rows = x.size / columns;
  let statistics: BatchStatistics | undefined;
  const y = tape.record([x, weight, bias], (save) => {
    const flat = tf.reshape(x, [rows, columns]) as Tensor2D;
    const mean = tf.div(columnSums(flat), rows) as Tensor1D;
    const centred = save(affineColumns(flat, { mean }));
    const squares = columnSums(tf.square(centred));
    const inverse = save(tf.rsqrt(tf.add(tf.div(squares, rows), BATCH_NORM_EPSILON)) as Tensor1D);
    const gamma = save(weight);
    const y = affineColumns(centred, { scale: tf.mul(gamma, inverse), offset: bias });
    const found: BatchStatistics = {
      mean: before === undefined ? mean : tf.add(mean, before) as Tensor1D,
      variance: tf.div(squares, rows - 1) as Tensor1D,
    };
    statistics = found;
    return [
      tf.reshape(y, x.shape) as T,
      (dy, needs) => {
        const flow = tf.reshape(dy, [rows, columns]) as Tensor2D;
        const dBias = columnSums(flow);
        const along = columnSums(product(flow, centred));
        let dx: Tensor | null = null;
        if (needs[0]) {
          const scale = tf.mul(gamma, inverse) as Tensor1D;
          const offset = tf.mul(tf.mul(scale, dBias), -1 / rows) as Tensor1D;
          const slope = tf.mul(tf.mul(tf.mul(scale, tf.square(inverse)), along), -1 / rows);
          dx = tf.reshape(
            tf.addN([
              affineColumns(flow, { scale, offset }),
              affineColumns(centred, { scale: slope as Tensor1D }),
            ]),
            x.shape,
          );
        }
        return [dx, tf.mul(along, inverse), dBias];
      },
      found.mean,
      found.variance,
    ];
  });
  return { y, statistics: statistics! };
}

/**
 * Evaluation: normalises with running statistics; no gradient.
 *
 * @param x (..., C).
 */
export function batchNormEval<T extends Tensor>(
  x: T,
  { weight, bias, before }: BatchNormWeights,
  running: BatchStatistics,
): T {
  const own = fused().batchNormEval;
  if (own !== undefined) return own(x, { weight, bias, before }, running);
  const columns = weight.size;
  return tf.tidy(() => {
    const mean = before === undefined ? running.mean : tf.sub(running.mean, before) as Tensor1D;
    const scale = tf.mul(weight, tf.rsqrt(tf.add(running.variance, BATCH_NORM_EPSILON)));
    const flat = tf.reshape(x, [x.size / columns, columns]) as Tensor2D;
    const y = affineColumns(flat, { mean, scale: scale as Tensor1D, offset: bias });
    return tf.reshape(y, x.shape) as T;
  });
}

/** Training, followed by ReLU; see {@link batchNorm}. */
export function batchNormRelu<T extends Tensor>(
  tape: Tape,
  x: T,
  weights: BatchNormWeights,
): { y: T; statistics: BatchStatistics } {
  const own = fused().batchNormRelu;
  if (own !== undefined) return own(tape, x, weights);
  const { y, statistics } = batchNorm(tape, x, weights);
  return { y: relu(tape, y), statistics };
}

/** Evaluation, followed by ReLU; see {@link batchNormEval}. */
export function batchNormReluEval<T extends Tensor>(
  x: T,
  weights: BatchNormWeights,
  running: BatchStatistics,
): T {
  const own = fused().batchNormReluEval;
  if (own !== undefined) return own(x, weights, running);
  return tf.tidy(() => relu(NO_TAPE, batchNormEval(x, weights, running)));
}
