/**
 * How long a clip is (method section 2, step 2).
 *
 * @module
 */
import { BASE_JOINT, JOINTS } from "../skeleton/joints.ts";

/**
 * The number of frames in which the first body's spine base is not at the origin: a count, not the
 * last such frame, as in the method.
 *
 * @param raw Coordinates of (frames, bodies, 25, 3).
 * @param bodies Number of bodies, M.
 */
export function validLength(raw: Float32Array, bodies: number): number {
  const frame = bodies * JOINTS * 3;
  let length = 0;
  for (let at = BASE_JOINT * 3; at < raw.length; at += frame) {
    if (raw[at] !== 0 || raw[at + 1] !== 0 || raw[at + 2] !== 0) length++;
  }
  return length;
}
