/**
 * Stochastic gradient descent as PyTorch does it, one pass over one flat buffer (method section 7):
 * g = g + decay p; buffer = momentum buffer + g; p = p - lr buffer.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor1D } from "@tensorflow/tfjs-core";

/** Choices of a step. */
export interface SgdOptions {
  readonly lr: number;
  readonly momentum: number;
  readonly weightDecay: number;
}

/**
 * @param p Parameters (P).
 * @param g Their gradients (P).
 * @param buffer Momentum buffers (P), zeros at first.
 * @returns New parameters and buffers; the old ones are left as they are.
 */
export function sgd(
  p: Tensor1D,
  g: Tensor1D,
  buffer: Tensor1D,
  { lr, momentum, weightDecay }: SgdOptions,
): { p: Tensor1D; buffer: Tensor1D } {
  return tf.tidy(() => {
    const decayed = tf.add(g, tf.mul(p, weightDecay));
    const next = tf.add(tf.mul(buffer, momentum), decayed) as Tensor1D;
    return { p: tf.sub(p, tf.mul(next, lr)) as Tensor1D, buffer: next };
  });
}
