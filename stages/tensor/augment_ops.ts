/**
 * Augmentations and streams on the device, from draws made elsewhere (method section 3). Clips are
 * (N, 3, T, V, M). The plain versions in `augment/reference.ts` say what each must give.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor5D } from "@tensorflow/tfjs-core";
import type { SwapDraw, ViewDraw } from "../augment/draw_types.ts";
import { croppedFrame, drawnOutFrame, type Stream, viewMatrix } from "../augment/reference.ts";
import { BONE_PARENTS } from "../skeleton/bones.ts";
import { fused } from "./fused.ts";
import { swapLeading, takeRows } from "./rows.ts";

/**
 * One view of each clip: where the draw has a span, that part of it drawn out to its whole length; then
 * the temporal crop of the clip padded with `pad` mirrored frames at both ends; then rotation and shear.
 *
 * @param clips (N, 3, T, V, M).
 * @param draws One a clip.
 */
export function augmentViews(clips: Tensor5D, draws: readonly ViewDraw[], pad: number): Tensor5D {
  if (draws.every(({ span }) => span === undefined)) return cropAndTurn(clips, draws, pad);
  return tf.tidy(() => cropAndTurn(drawOutSpans(clips, draws), draws, pad));
}

/** Each clip's span drawn out to the clip's length, by straight lines between frames. */
function drawOutSpans(clips: Tensor5D, draws: readonly ViewDraw[]): Tensor5D {
  const [n, channels, frames, joints, bodies] = clips.shape;
  const rows = n * channels * frames;
  const first = new Int32Array(rows);
  const shares = new Float32Array(rows);
  const whole = { from: 0, length: frames - 1 };
  for (let row = 0; row < rows; row++) {
    const t = row % frames;
    const { span } = draws[Math.floor(row / (channels * frames))]!;
    const { frame, share } = drawnOutFrame(t, span ?? whole, frames);
    first[row] = row - t + frame;
    shares[row] = share;
  }
  const flat = tf.reshape(clips, [rows, joints * bodies]);
  const from = tf.gather(flat, tf.tensor1d(first, "int32"));
  const to = tf.gather(flat, tf.tensor1d(frames === 1 ? first : first.map((r) => r + 1), "int32"));
  const between = tf.mul(tf.sub(to, from), tf.tensor2d(shares, [rows, 1]));
  return tf.reshape(tf.add(from, between), clips.shape) as Tensor5D;
}

function cropAndTurn(clips: Tensor5D, draws: readonly ViewDraw[], pad: number): Tensor5D {
  const own = fused().augmentViews;
  if (own !== undefined) return own(clips, draws, pad);
  const [n, channels, frames, joints, bodies] = clips.shape;
  if (draws.length !== n) throw new RangeError(`expected ${n} draws, found ${draws.length}`);
  return tf.tidy(() => {
    let cropped: Tensor = clips;
    if (pad > 0) {
      const rows = new Int32Array(n * channels * frames);
      for (let i = 0; i < rows.length; i++) {
        const clip = Math.floor(i / (channels * frames));
        rows[i] = i - i % frames + croppedFrame(i % frames, draws[clip]!.start, pad, frames);
      }
      const flat = tf.reshape(clips, [n * channels * frames, joints * bodies]);
      cropped = tf.gather(flat, tf.tensor1d(rows, "int32"));
    }
    const matrices = new Float32Array(n * channels * channels);
    draws.forEach((draw, i) => matrices.set(viewMatrix(draw), i * channels * channels));
    const planes = tf.reshape(cropped, [n, channels, frames * joints * bodies]);
    const sheared = tf.matMul(tf.tensor3d(matrices, [n, channels, channels]), planes);
    return tf.reshape(sheared, clips.shape) as Tensor5D;
  });
}

/**
 * Part swap: clip i with the drawn frames and joints taken from clip (i + shift) mod N.
 *
 * @param clips (N, 3, T, V, M).
 * @param framesPerToken Frames that one token of the draw stands for.
 */
export function swapParts(clips: Tensor5D, draw: SwapDraw, framesPerToken: number): Tensor5D {
  const own = fused().swapParts;
  if (own !== undefined) return own(clips, draw, framesPerToken);
  const [n, , frames, joints] = clips.shape;
  const { t0, ct } = draw;
  // A draw is a whole number that V8 may hold as a float; as a bound of a slice it would make floats
  // of all shapes that follow (see the temporal convolution's gradient).
  const shift = draw.shift | 0;
  return tf.tidy(() => {
    const mask = new Float32Array(frames * joints);
    for (let t = framesPerToken * t0; t < framesPerToken * (t0 + ct); t++) {
      for (const joint of draw.joints) mask[t * joints + joint] = 1;
    }
    const taken = tf.tensor5d(mask, [1, 1, frames, joints, 1]);
    const kept = tf.sub(1, taken);
    const partners = tf.concat([tf.slice(clips, [shift]), tf.slice(clips, [0], [shift])]);
    if (partners.shape[0] !== n) throw new RangeError(`swap shift ${shift} in a batch of ${n}`);
    return tf.add(tf.mul(clips, kept), tf.mul(partners, taken)) as Tensor5D;
  });
}

/**
 * Clips as a stream: `joint` as they are; `motion` the next frame minus this one, 0 in the last;
 * `bone` a joint minus its parent.
 *
 * @param clips (N, 3, T, V, M).
 */
export function toStream(clips: Tensor5D, stream: Stream): Tensor5D {
  const own = fused().toStream;
  if (own !== undefined) return own(clips, stream);
  const [n, channels, frames, joints, bodies] = clips.shape;
  return tf.tidy(() => {
    if (stream === "joint") return tf.clone(clips);
    if (stream === "motion") {
      const byTime = swapLeading(tf.reshape(clips, [n * channels, frames, joints * bodies]));
      const steps = tf.sub(tf.slice(byTime, [1]), tf.slice(byTime, [0], [frames - 1]));
      const last = tf.zeros([1, n * channels, joints * bodies]);
      return tf.reshape(swapLeading(tf.concat([steps, last])), clips.shape) as Tensor5D;
    }
    const byJoint = swapLeading(tf.reshape(clips, [n * channels * frames, joints, bodies]));
    const bones = tf.sub(byJoint, takeRows(byJoint, BONE_PARENTS));
    return tf.reshape(swapLeading(bones), clips.shape) as Tensor5D;
  });
}
