/**
 * Cross-entropy of class scores, see {@link ../../ops/cross_entropy.ts}: so few numbers that they are
 * worked out here, in double precision.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Scalar, Tensor2D } from "@tensorflow/tfjs-core";
import type { Tape } from "../../tape.ts";

/** -mean log softmax(logits)[label]. */
export function crossEntropy(tape: Tape, logits: Tensor2D, oneHot: Tensor2D): Scalar {
  const [n, classes] = logits.shape;
  return tape.record([logits], () => {
    const scores = logits.dataSync(), labels = oneHot.dataSync();
    /** Shares less labels. */
    const errors = new Float64Array(scores.length);
    let loss = 0;
    for (let at = 0; at < n * classes; at += classes) {
      let most = -Infinity, sum = 0, own = 0;
      for (let c = at; c < at + classes; c++) most = Math.max(most, scores[c]!);
      for (let c = at; c < at + classes; c++) {
        sum += errors[c] = Math.exp(scores[c]! - most);
        own += labels[c]! * (scores[c]! - most);
      }
      for (let c = at; c < at + classes; c++) errors[c] = errors[c]! / sum - labels[c]!;
      loss += Math.log(sum) - own;
    }
    return [tf.scalar(loss / n), (dy) => {
      const flow = dy.dataSync()[0]! / n;
      return [tf.tensor2d(Float32Array.from(errors, (error) => flow * error), logits.shape)];
    }];
  }) as Scalar;
}
