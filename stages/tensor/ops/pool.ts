/**
 * Pooling of backbone features: over all tokens, and split by the attention mask (method section 6).
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor2D, Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";
import { fused } from "../fused.ts";
import { columnSums, product, swapLeading, tileRows } from "../rows.ts";
import type { Tape } from "../tape.ts";

/**
 * Mean over joints and time.
 *
 * @param f (V, T, B, D).
 * @returns (B, D).
 */
export function poolTokens(tape: Tape, f: Tensor4D): Tensor2D {
  const own = fused().poolTokens;
  if (own !== undefined) return own(tape, f);
  const [joints, frames, bodies, size] = f.shape;
  const tokens = joints * frames;
  return tape.record([f], () => {
    const sums = columnSums(tf.reshape(f, [tokens, bodies * size]) as Tensor2D);
    const y = tf.reshape(tf.div(sums, tokens), [bodies, size]) as Tensor2D;
    return [y, (dy) => [tf.reshape(tileRows(tf.div(dy, tokens), tokens), f.shape)]];
  });
}

/**
 * Features body by body, tokens in order of joint, then time.
 *
 * @param f (V, T, B, D).
 * @returns (B, V T, D).
 */
export function tokensOf(tape: Tape, f: Tensor4D): Tensor3D {
  const own = fused().tokensOf;
  if (own !== undefined) return own(tape, f);
  const [joints, frames, bodies, size] = f.shape;
  return tape.record([f], () => {
    const y = swapLeading(tf.reshape(f, [joints * frames, bodies, size])) as Tensor3D;
    return [y, (dy) => [tf.reshape(swapLeading(dy), f.shape)]];
  });
}

/**
 * Salient and non-salient means over tokens: s = mean(F Mask), ns = mean(F (1 - Mask)).
 *
 * @param f (B, L, D).
 * @param mask (B, L, D).
 * @returns (2, B, D): s, then ns.
 */
export function maskPool(tape: Tape, f: Tensor3D, mask: Tensor3D): Tensor3D {
  const own = fused().maskPool;
  if (own !== undefined) return own(tape, f, mask);
  const [bodies, tokens, size] = f.shape;
  return tape.record([f, mask], (save) => {
    const one = tf.ones([bodies, 1, tokens]) as Tensor3D;
    const mean = (x: Tensor3D) => tf.reshape(tf.div(tf.matMul(one, x), tokens), [1, bodies, size]);
    const salient = mean(product(f, mask));
    const y = tf.concat([salient, tf.sub(mean(f), salient)]) as Tensor3D;
    const [fs, ms] = [save(f), save(mask)];
    return [y, (dy, needs) => {
      const part = (i: number) =>
        tf.reshape(tf.div(tf.slice(dy, [i], [1]), tokens), [bodies, 1, size]);
      const [ds, dns] = [part(0), part(1)];
      const difference = tf.sub(ds, dns);
      return [
        needs[0] ? tf.add(tf.mul(ms, difference), dns) : null,
        needs[1] ? tf.mul(fs, difference) : null,
      ];
    }];
  });
}

/** Row i of a stack: (n, rows, D) -> (rows, D). */
export function rowOf(tape: Tape, x: Tensor3D, i: number): Tensor2D {
  const own = fused().rowOf;
  if (own !== undefined) return own(tape, x, i);
  const [n, rows, size] = x.shape;
  return tape.record([x], () => {
    const y = tf.reshape(tf.slice(x, [i], [1]), [rows, size]) as Tensor2D;
    return [y, (dy) => {
      const parts: Tensor[] = [];
      for (let j = 0; j < n; j++) {
        parts.push(j === i ? tf.reshape(dy, [1, rows, size]) : tf.zeros([1, rows, size]));
      }
      return [tf.concat(parts)];
    }];
  });
}

/** sigmoid(Lambda x). */
export function scaledSigmoid(tape: Tape, x: Tensor3D, Lambda: number): Tensor3D {
  const own = fused().scaledSigmoid;
  if (own !== undefined) return own(tape, x, Lambda);
  return tape.record([x], (save) => {
    const y = save(tf.sigmoid(tf.mul(x, Lambda)) as Tensor3D);
    return [y, (dy) => [product(tf.mul(dy, Lambda), product(y, tf.sub(1, y)))]];
  });
}
