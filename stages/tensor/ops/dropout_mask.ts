/**
 * Masks of dropout from a counter-based stream: element i of a tensor (row-major) is dropped if the
 * i-th uniform number of the stream is below p. A kernel can draw the same mask by itself.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor } from "@tensorflow/tfjs-core";
import { fillBits, type StreamKey } from "../../random.ts";
import { fused } from "../fused.ts";

/** Words drawn at once. */
const CHUNK = 1 << 14;

/**
 * @param shape Of the tensor to be masked.
 * @param p Probability of dropping an element, in [0, 1).
 * @returns 0 where an element is dropped, 1 / (1 - p) elsewhere.
 */
export function dropoutMask(key: StreamKey, shape: readonly number[], p: number): Tensor {
  const own = fused().dropoutMask;
  if (own !== undefined) return own(key, shape, p);
  const mask = new Float32Array(shape.reduce((size, n) => size * n, 1));
  const threshold = p * 2 ** 24;
  const scale = 1 / (1 - p);
  const words = new Uint32Array(Math.min(CHUNK, mask.length));
  for (let from = 0; from < mask.length; from += CHUNK) {
    const count = Math.min(CHUNK, mask.length - from);
    fillBits(key, words, from);
    for (let i = 0; i < count; i++) mask[from + i] = words[i]! >>> 8 < threshold ? 0 : scale;
  }
  return tf.tensor(mask, shape as number[]);
}
