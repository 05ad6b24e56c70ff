/**
 * Dense layers and sums over axes of small matrices.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import { fused } from "../fused.ts";
import { columnSums } from "../rows.ts";
import type { Tape } from "../tape.ts";

/**
 * x w^T + b.
 *
 * @param x (rows, C).
 * @param w (O, C), as PyTorch keeps it.
 * @param b (O), or null for none.
 * @returns (rows, O).
 */
export function linear(tape: Tape, x: Tensor2D, w: Tensor2D, b: Tensor1D | null = null): Tensor2D {
  const own = fused().linear;
  if (own !== undefined) return own(tape, x, w, b);
  return tape.record(b === null ? [x, w] : [x, w, b], (save) => {
    const product = tf.matMul(x, w, false, true);
    const y = (b === null ? product : tf.add(product, b)) as Tensor2D;
    const [xs, ws] = [save(x), save(w)];
    return [y, (dy, needs) => {
      const flow = dy as Tensor2D;
      const dx = needs[0] ? tf.matMul(flow, ws) : null;
      const dw = tf.matMul(flow, xs, true);
      return b === null ? [dx, dw] : [dx, dw, columnSums(flow)];
    }];
  });
}

/**
 * Mean over the bodies of each clip.
 *
 * @param x (N M, C), bodies of a clip together.
 * @returns (N, C).
 */
export function meanOfBodies(tape: Tape, x: Tensor2D, bodies: number): Tensor2D {
  const own = fused().meanOfBodies;
  if (own !== undefined) return own(tape, x, bodies);
  const [rows, size] = x.shape;
  if (bodies === 1) return x;
  return tape.record([x], () => {
    const y = tf.mean(tf.reshape(x, [rows / bodies, bodies, size]), 1) as Tensor2D;
    return [y, (dy) => {
      const each = tf.reshape(tf.div(dy, bodies), [rows / bodies, 1, size]);
      return [tf.reshape(tf.tile(each, [1, bodies, 1]), [rows, size])];
    }];
  });
}
