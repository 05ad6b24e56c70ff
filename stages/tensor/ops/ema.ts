/**
 * Exponential moving average, one pass over one flat buffer (method section 7.8).
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor1D } from "@tensorflow/tfjs-core";

/**
 * m average + (1 - m) value.
 *
 * @param average (P); left as it is.
 * @param value (P).
 * @param m In [0, 1].
 */
export function ema(average: Tensor1D, value: Tensor1D, m: number): Tensor1D {
  return tf.tidy(() => tf.add(tf.mul(average, m), tf.mul(value, 1 - m)) as Tensor1D);
}
