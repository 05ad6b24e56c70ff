/**
 * Turning bodies to face one way (method section 2, step 5).
 *
 * @module
 */
import { JOINTS, LEFT_SHOULDER, RIGHT_SHOULDER } from "../skeleton/joints.ts";

/**
 * Turns each body about the vertical axis, frame by frame, by the angle between the x axis and its
 * shoulder line seen from above: with `v` from the left to the right shoulder,
 * `phi = acos(vx / (sqrt(vx^2 + vz^2) + 1e-4))`, and the turn is `-phi` where the body's `vz` summed
 * over all frames is not negative, `+phi` otherwise. One sign holds for the whole clip, so a body
 * that turns past the camera's line is not followed. Angles in float64, results in float32.
 *
 * @param clip Coordinates of (T, bodies, 25, 3), changed in place.
 * @param bodies Number of bodies, M.
 */
export function rotate(clip: Float32Array, bodies: number): void {
  const body = JOINTS * 3;
  const frame = bodies * body;
  for (let m = 0; m < bodies; m++) {
    let lean = 0;
    for (let at = m * body; at < clip.length; at += frame) {
      lean += clip[at + RIGHT_SHOULDER * 3 + 2]! - clip[at + LEFT_SHOULDER * 3 + 2]!;
    }
    for (let at = m * body; at < clip.length; at += frame) {
      const vx = clip[at + RIGHT_SHOULDER * 3]! - clip[at + LEFT_SHOULDER * 3]!;
      const vz = clip[at + RIGHT_SHOULDER * 3 + 2]! - clip[at + LEFT_SHOULDER * 3 + 2]!;
      const phi = Math.acos(vx / (Math.sqrt(vx * vx + vz * vz) + 1e-4));
      const theta = lean >= 0 ? -phi : phi;
      const cos = Math.cos(theta);
      const sin = Math.sin(theta);
      for (let i = at; i < at + body; i += 3) {
        const x = clip[i]!;
        const z = clip[i + 2]!;
        clip[i] = cos * x - sin * z;
        clip[i + 2] = sin * x + cos * z;
      }
    }
  }
}
