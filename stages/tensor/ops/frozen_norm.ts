/**
 * Batch normalisation in evaluation mode with a gradient, for fine-tuning (method section 8): the
 * running statistics are constants, scale and offset are trained.
 *
 * y = (x + before - mean) gamma / sqrt(variance + eps) + beta, and so
 * dx = dy gamma / sqrt(variance + eps). Unlike in training, where the batch's mean takes the bias of
 * the convolution before it away again, that bias has a gradient here: the sum of dx.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import { fused } from "../fused.ts";
import { affineColumns, columnSums, product } from "../rows.ts";
import type { Tape } from "../tape.ts";
import { relu, reluSum } from "./activation.ts";
import { BATCH_NORM_EPSILON, type BatchNormWeights, type BatchStatistics } from "./batch_norm.ts";
import type { UnnormalisedEval } from "./block_end.ts";

/**
 * Normalises with running statistics; gradients flow to x, scale, offset and the bias before.
 *
 * @param x (..., C).
 */
export function frozenNorm<T extends Tensor>(
  tape: Tape,
  x: T,
  weights: BatchNormWeights,
  running: BatchStatistics,
): T {
  const own = fused().frozenNorm;
  if (own !== undefined) return own(tape, x, weights, running);
  const { weight, bias, before } = weights;
  const columns = weight.size;
  const rows = x.size / columns;
  return tape.record(frozenInputs(x, weights), (save) => {
    const flat = tf.reshape(x, [rows, columns]) as Tensor2D;
    const mean = save(
      before === undefined ? tf.clone(running.mean) : tf.sub(running.mean, before) as Tensor1D,
    );
    const inverse = save(tf.rsqrt(tf.add(running.variance, BATCH_NORM_EPSILON)) as Tensor1D);
    const scale = save(tf.mul(weight, inverse) as Tensor1D);
    const xs = save(flat);
    const y = affineColumns(flat, { mean, scale, offset: bias });
    return [tf.reshape(y, x.shape) as T, (dy, needs) => {
      const flow = tf.reshape(dy, [rows, columns]) as Tensor2D;
      const dBias = columnSums(flow);
      const along = columnSums(product(flow, affineColumns(xs, { mean })));
      const dx = needs[0] ? tf.reshape(affineColumns(flow, { scale }), x.shape) : null;
      return [
        dx,
        tf.mul(along, inverse),
        dBias,
        ...(before === undefined ? [] : [tf.mul(dBias, scale)]),
      ];
    }];
  });
}

/** {@link frozenNorm}, followed by ReLU. */
export function frozenNormRelu<T extends Tensor>(
  tape: Tape,
  x: T,
  weights: BatchNormWeights,
  running: BatchStatistics,
): T {
  const own = fused().frozenNormRelu;
  if (own !== undefined) return own(tape, x, weights, running);
  return relu(tape, frozenNorm(tape, x, weights, running));
}

/**
 * The end of a block with running statistics and without dropout: max(BN(h) + r, 0).
 *
 * @param residual r: nothing, a tensor, or one that is normalised first.
 */
export function frozenBlockEnd<T extends Tensor>(
  tape: Tape,
  h: UnnormalisedEval<T>,
  residual: null | T | UnnormalisedEval<T>,
): T {
  const own = fused().frozenBlockEnd;
  if (own !== undefined) return own(tape, h, residual);
  const y = frozenNorm(tape, h.x, h.weights, h.running);
  const r = isFrozen(residual)
    ? frozenNorm(tape, residual.x, residual.weights, residual.running)
    : residual;
  return reluSum(tape, y, r, null);
}

/** Whether a residual is normalised first. */
export function isFrozen<T extends Tensor>(
  residual: null | T | UnnormalisedEval<T>,
): residual is UnnormalisedEval<T> {
  return residual !== null && "running" in residual;
}

/** What gradients of a normalisation flow to, in order; the bias before it last, if there is one. */
export function frozenInputs(x: Tensor, { weight, bias, before }: BatchNormWeights): Tensor[] {
  return before === undefined ? [x, weight, bias] : [x, weight, bias, before];
}
