/**
 * Augmentations and streams on the `simd` backend, one pass each.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor5D } from "@tensorflow/tfjs-core";
import type { SwapDraw, ViewDraw } from "../../../augment/draw_types.ts";
import { croppedFrame, type Stream, viewMatrix } from "../../../augment/reference.ts";
import { BONE_PARENTS } from "../../../skeleton/bones.ts";
import { simdBackend } from "../simd_backend.ts";
import { slicesOf } from "./slices.ts";

/** See the definition; spans are drawn out already. */
export function augmentViews(
  clips: Tensor5D,
  draws: readonly ViewDraw[],
  pad: number,
): Tensor5D {
  const [n, channels, frames, joints, bodies] = clips.shape;
  if (draws.length !== n) throw new RangeError(`expected ${n} draws, found ${draws.length}`);
  const from = new Int32Array(n * frames);
  const matrices = new Float32Array(n * channels * channels);
  draws.forEach((draw, i) => {
    for (let t = 0; t < frames; t++) {
      from[i * frames + t] = pad > 0 ? croppedFrame(t, draw.start, pad, frames) : t;
    }
    matrices.set(viewMatrix(draw), i * channels * channels);
  });
  return tf.tidy(() => {
    const backend = simdBackend();
    const y = backend.empty<Tensor5D>(clips.shape);
    backend.pool.run("augmentView", n, [
      backend.pointer(clips),
      backend.pointer(y),
      backend.pointer(tf.tensor1d(from, "int32")),
      backend.pointer(tf.tensor1d(matrices)),
      frames,
      joints * bodies,
    ]);
    return y;
  });
}

/** See the definition. */
export function swapParts(clips: Tensor5D, draw: SwapDraw, framesPerToken: number): Tensor5D {
  const [n, channels, frames, joints, bodies] = clips.shape;
  const { t0, ct, shift } = draw;
  if (shift < 0 || shift > n) throw new RangeError(`swap shift ${shift} in a batch of ${n}`);
  return tf.tidy(() => {
    const backend = simdBackend();
    const y = backend.empty<Tensor5D>(clips.shape);
    backend.pool.run("swapParts", n, [
      backend.pointer(clips),
      backend.pointer(y),
      n,
      shift,
      channels,
      frames,
      joints,
      bodies,
      framesPerToken * t0,
      framesPerToken * ct,
      backend.pointer(tf.tensor1d(Int32Array.from(draw.joints), "int32")),
      draw.joints.length,
    ]);
    return y;
  });
}

/** See the definition. */
export function toStream(clips: Tensor5D, stream: Stream): Tensor5D {
  if (stream === "joint") return tf.clone(clips);
  const [n, channels, frames, joints, bodies] = clips.shape;
  return tf.tidy(() => {
    const backend = simdBackend();
    const y = backend.empty<Tensor5D>(clips.shape);
    const pointers = [backend.pointer(clips), backend.pointer(y)];
    if (stream === "motion") {
      backend.pool.run("motion", n * channels, [...pointers, frames, joints * bodies]);
      return y;
    }
    const rows = n * channels * frames;
    const { length, count } = slicesOf(rows, joints * bodies);
    const parents = tf.tensor1d(Int32Array.from(BONE_PARENTS), "int32");
    pointers.push(backend.pointer(parents));
    backend.pool.run("bone", count, [...pointers, length, joints, bodies, rows]);
    return y;
  });
}
