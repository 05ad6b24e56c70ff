/**
 * ReLU, and the end of a block: dropout, residual and ReLU.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor } from "@tensorflow/tfjs-core";
import { fused } from "../fused.ts";
import { product } from "../rows.ts";
import type { Tape } from "../tape.ts";

/** max(x, 0); the gradient at 0 is 0. */
export function relu<T extends Tensor>(tape: Tape, x: T): T {
  const own = fused().relu;
  if (own !== undefined) return own(tape, x);
  return tape.record([x], (save) => {
    const y = save(tf.relu(x));
    return [y, (dy) => [product(dy, tf.step(y))]];
  });
}

/**
 * max(mask h + r, 0), the end of a block.
 *
 * @param h (..., C).
 * @param r The residual, of h's shape, or null for none.
 * @param mask What each element of h is multiplied by (see `dropout_mask.ts`), or null for no dropout.
 */
export function reluSum<T extends Tensor>(tape: Tape, h: T, r: T | null, mask: Tensor | null): T {
  const own = fused().reluSum;
  if (own !== undefined) return own(tape, h, r, mask);
  return tape.record(r === null ? [h] : [h, r], (save) => {
    const kept = mask === null ? null : save(mask);
    const dropped = kept === null ? h : product(h, kept);
    const y = save(tf.relu(r === null ? dropped : tf.addN([dropped, r])) as T);
    return [y, (dy) => {
      const flow = product(dy, tf.step(y));
      const dh = kept === null ? tf.clone(flow) : product(flow, kept);
      return r === null ? [dh] : [dh, flow];
    }];
  });
}
