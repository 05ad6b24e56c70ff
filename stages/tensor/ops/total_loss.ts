/**
 * The losses of a step's three parts as one number, for the log; gradients flow from each by itself.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Scalar } from "@tensorflow/tfjs-core";
import { fused } from "../fused.ts";

/** z + mu s + (1 - mu) ns. */
export function totalLoss(z: Scalar, s: Scalar, ns: Scalar, mu: number): Scalar {
  const own = fused().totalLoss;
  if (own !== undefined) return own(z, s, ns, mu);
  return tf.tidy(() => tf.addN([z, tf.mul(s, mu), tf.mul(ns, 1 - mu)]) as Scalar);
}
