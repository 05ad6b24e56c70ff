/**
 * Clipping of gradients on the `simd` backend; see {@link ../../ops/clip_gradients.ts} for
 * what it gives. The norm is summed in float64, gradient after gradient.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor } from "@tensorflow/tfjs-core";
import { CLIP_EPSILON } from "../../ops/clip_gradients.ts";
import { Float } from "../kernel_pool.ts";
import { simdBackend } from "../simd_backend.ts";
import { piecesOf } from "./slices.ts";

/** See the definition. */
export function clipGradients(gradients: readonly Tensor[], limit: number): Tensor[] {
  const backend = simdBackend();
  let squares = 0;
  for (const gradient of gradients) {
    const at = backend.pointer(gradient) / 4;
    const numbers = backend.pool.f32.subarray(at, at + gradient.size);
    for (let i = 0; i < numbers.length; i++) squares += numbers[i]! * numbers[i]!;
  }
  const scale = limit / (Math.sqrt(squares) + CLIP_EPSILON);
  // So that a norm that is no number makes gradients that are none, as it does elsewhere.
  if (scale >= 1) return [...gradients];
  const clipped = gradients.map((gradient) => {
    const scaled = backend.empty(gradient.shape);
    const pointers = [backend.pointer(gradient), backend.pointer(scaled)];
    backend.pool.run("scale", piecesOf(gradient.size), [
      ...pointers,
      gradient.size,
      new Float(scale),
    ]);
    return scaled;
  });
  tf.dispose(gradients as Tensor[]);
  return clipped;
}
