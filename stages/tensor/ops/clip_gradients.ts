/**
 * Clipping of gradients by their global norm, as PyTorch's `clip_grad_norm_` does it: where the L2 norm
 * of all of them together is above a limit, all are multiplied by limit / (norm + 1e-6).
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import { fused } from "../fused.ts";
import { affineColumns } from "../rows.ts";

/** Added to the norm before the limit is divided by it. */
export const CLIP_EPSILON = 1e-6;

/**
 * Gradients of at most so much norm. Nothing is read back.
 *
 * @param gradients Are freed.
 * @param limit Largest global norm, above 0.
 * @returns As many tensors of the same shapes, owned by the caller.
 */
export function clipGradients(gradients: readonly Tensor[], limit: number): Tensor[] {
  const own = fused().clipGradients;
  if (own !== undefined) return own(gradients, limit);
  const clipped = tf.tidy(() => {
    const squares = gradients.map((gradient) => tf.reshape(tf.sum(tf.square(gradient)), [1]));
    // Not by addN: of some dozens of tensors, WebGPU's gives a wrong sum and says nothing.
    const norm = tf.sqrt(tf.sum(tf.concat1d(squares as Tensor1D[])));
    const scale = tf.minimum(tf.div(limit, tf.add(norm, CLIP_EPSILON)), 1);
    const column = tf.reshape(scale, [1]) as Tensor1D;
    return gradients.map((gradient) => {
      const flat = tf.reshape(gradient, [gradient.size, 1]) as Tensor2D;
      return tf.reshape(affineColumns(flat, { scale: column }), gradient.shape);
    });
  });
  tf.dispose(gradients as Tensor[]);
  return clipped;
}
