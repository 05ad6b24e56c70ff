/**
 * How coordinates are laid out on their way into the backbone: frame by frame for the normalisation of a
 * frame's coordinates, then joint by joint.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor2D, Tensor4D, Tensor5D } from "@tensorflow/tfjs-core";
import { fused } from "../fused.ts";
import type { Tape } from "../tape.ts";

/** The coordinates of a frame in a row: (N, C, T, V, M) -> (T N M, V C). No gradient. */
export function frameRows(clips: Tensor5D): Tensor2D {
  const own = fused().frameRows;
  if (own !== undefined) return own(clips);
  const [n, channels, frames, joints, bodies] = clips.shape;
  return tf.tidy(() => {
    const byFrame = tf.transpose(clips, [2, 0, 4, 3, 1]);
    return tf.reshape(byFrame, [frames * n * bodies, joints * channels]) as Tensor2D;
  });
}

/**
 * The coordinates of a joint together: (T B, V C) -> (V, T, B, C).
 *
 * @param shape V, T, B and C.
 */
export function jointRows(
  tape: Tape,
  x: Tensor2D,
  [joints, frames, bodies, channels]: readonly [number, number, number, number],
): Tensor4D {
  const own = fused().jointRows;
  if (own !== undefined) return own(tape, x, [joints, frames, bodies, channels]);
  const rows = frames * bodies;
  return tape.record([x], () => {
    const y = tf.transpose(tf.reshape(x, [rows, joints, channels]), [1, 0, 2]);
    return [tf.reshape(y, [joints, frames, bodies, channels]) as Tensor4D, (dy) => {
      const flow = tf.transpose(tf.reshape(dy, [joints, rows, channels]), [1, 0, 2]);
      return [tf.reshape(flow, x.shape)];
    }];
  });
}
