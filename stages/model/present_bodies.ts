/**
 * Clips by the bodies that they hold. Most clips have one body, and the other slot is all zeros; in
 * evaluation mode bodies do not meet before they are averaged, so all those slots have the same features,
 * which are computed once for a batch.
 *
 * @module
 */
import { type Tensor, type Tensor5D, tensor5d } from "@tensorflow/tfjs-core";

/** N, T, V and M of clips (N, 3, T, V, M). */
export interface ClipsShape {
  readonly clips: number;
  readonly frames: number;
  readonly joints: number;
  readonly bodies: number;
}

/** Some clips, each different body once. */
export interface PresentBodies {
  /** (P, 3, T, V, 1): the bodies that are not all zero, in their order, and then one that is. */
  readonly each: Tensor5D;
  /** For body m of clip n, at n M + m, its place in `each`. */
  readonly rows: readonly number[];
}

/** Clips for evaluation: (N, 3, T, V, M), or the bodies that they hold. */
export type Clips = Tensor | PresentBodies;

/** Whether clips are given by their bodies. */
export function areBodies(clips: Clips): clips is PresentBodies {
  return "each" in clips;
}

/** Frees clips. */
export function disposeClips(clips: Clips): void {
  (areBodies(clips) ? clips.each : clips).dispose();
}

/**
 * Clips on the device in the form that takes less computing; the caller disposes of them.
 *
 * @param values (N, 3, T, V, M).
 */
export function clipsOf(values: Float32Array, shape: ClipsShape): Clips {
  const { clips, frames, joints, bodies } = shape;
  const rows = bodies === 1 ? [] : rowsOf(values, clips, bodies);
  const absent = Math.max(0, ...rows);
  // One absent body takes the place of the all-zero one.
  if (rows.filter((row) => row === absent).length < 2) {
    return tensor5d(values, [clips, 3, frames, joints, bodies], "float32");
  }
  const plane = 3 * frames * joints;
  const each = new Float32Array((absent + 1) * plane);
  rows.forEach((row, slot) => {
    if (row === absent) return;
    const from = Math.floor(slot / bodies) * plane * bodies + slot % bodies;
    for (let i = 0; i < plane; i++) each[row * plane + i] = values[from + i * bodies]!;
  });
  return { each: tensor5d(each, [absent + 1, 3, frames, joints, 1], "float32"), rows };
}

/** For each body its place among those that are present, or their number where it is all zero. */
function rowsOf(values: Float32Array, clips: number, bodies: number): number[] {
  // By bits: minus zero is not zero.
  const bits = new Int32Array(values.buffer, values.byteOffset, values.length);
  const length = bits.length / clips;
  const present: boolean[] = [];
  for (let slot = 0; slot < clips * bodies; slot++) {
    const from = Math.floor(slot / bodies) * length;
    let i = from + slot % bodies;
    while (i < from + length && bits[i] === 0) i += bodies;
    present.push(i < from + length);
  }
  const absent = present.filter(Boolean).length;
  let next = 0;
  return present.map((is) => is ? next++ : absent);
}
