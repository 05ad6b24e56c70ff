/**
 * Layer normalisation over the last axis (method section 6): eps 1e-5, biased variance.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import { fused } from "../fused.ts";
import { affineColumns, columnSums, product } from "../rows.ts";
import type { Tape } from "../tape.ts";

/** Added to variances. */
export const LAYER_NORM_EPSILON = 1e-5;

/**
 * @param x (..., D).
 * @param weight (D).
 * @param bias (D).
 */
export function layerNorm<T extends Tensor>(
  tape: Tape,
  x: T,
  weight: Tensor1D,
  bias: Tensor1D,
): T {
  const own = fused().layerNorm;
  if (own !== undefined) return own(tape, x, weight, bias);
  const size = weight.size;
  const rows = x.size / size;
  return tape.record([x, weight, bias], (save) => {
    const flat = tf.reshape(x, [rows, size]) as Tensor2D;
    const centred = tf.sub(flat, tf.mean(flat, 1, true));
    const inverse = save(
      tf.rsqrt(tf.add(tf.mean(tf.square(centred), 1, true), LAYER_NORM_EPSILON)),
    );
    const unit = save(tf.mul(centred, inverse) as Tensor2D);
    const gamma = save(weight);
    const y = affineColumns(unit, { scale: gamma, offset: bias });
    return [tf.reshape(y, x.shape) as T, (dy, needs) => {
      const flow = tf.reshape(dy, [rows, size]) as Tensor2D;
      let dx: Tensor | null = null;
      if (needs[0]) {
        const inner = affineColumns(flow, { scale: gamma });
        const level = tf.mean(inner, 1, true);
        const slope = tf.mean(product(inner, unit), 1, true);
        dx = tf.mul(tf.sub(tf.sub(inner, level), tf.mul(unit, slope)), inverse);
        dx = tf.reshape(dx, x.shape);
      }
      return [dx, columnSums(product(flow, unit)), columnSums(flow)];
    }];
  });
}
