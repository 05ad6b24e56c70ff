/**
 * Cross-entropy of class scores.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Scalar, Tensor2D } from "@tensorflow/tfjs-core";
import { fused } from "../fused.ts";
import type { Tape } from "../tape.ts";

/**
 * -mean log softmax(logits)[label].
 *
 * @param logits (N, classes).
 * @param oneHot (N, classes): 1 at each row's label, 0 elsewhere.
 */
export function crossEntropy(tape: Tape, logits: Tensor2D, oneHot: Tensor2D): Scalar {
  const own = fused().crossEntropy;
  if (own !== undefined) return own(tape, logits, oneHot);
  const n = logits.shape[0];
  return tape.record([logits], (save) => {
    const shifted = tf.sub(logits, tf.max(logits, 1, true)) as Tensor2D;
    const exps = tf.exp(shifted);
    const sums = tf.sum(exps, 1, true);
    const own = tf.sum(tf.mul(shifted, oneHot), 1, true);
    const loss = tf.mean(tf.sub(tf.log(sums), own)) as Scalar;
    const [shares, labels] = [save(tf.div(exps, sums) as Tensor2D), save(oneHot)];
    return [loss, (dy) => [tf.mul(tf.sub(shares, labels), tf.div(dy, n))]];
  });
}
