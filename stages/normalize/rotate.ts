/**
 * Turning bodies to face one way (method section 2, step 5).
 *
 * @module
 */
import { JOINTS, LEFT_SHOULDER, RIGHT_SHOULDER } from "../skeleton/joints.ts";
import { bodyIsThere } from "./length.ts";

/** How bodies are turned about the vertical axis; see {@link rotate}. */
export type YRotation = "clipSign" | "atan2" | "firstFrame" | "none";

const BODY = JOINTS * 3;

/**
 * Turns bodies about the vertical axis so that the shoulder line lies along x. With `v` from the left
 * to the right shoulder seen from above, `x' = cos(theta) x - sin(theta) z`,
 * `z' = sin(theta) x + cos(theta) z`, and
 *
 *     clipSign     theta = -phi[t, m] where the sum over t of v_z[t, m] is not negative, else
 *                  +phi[t, m], with phi = acos(v_x / (sqrt(v_x^2 + v_z^2) + 1e-4))
 *     atan2        theta = -atan2(v_z[t, m], v_x[t, m])
 *     firstFrame   theta = -atan2(v_z[s, b], v_x[s, b]) for all frames and bodies, `s` being the
 *                  first frame that has a body and `b` its first body there
 *
 * `clipSign` is released: one sign holds for the whole clip, so a body that turns past the camera's
 * line is turned too far. `atan2` gives every frame its own sign; `firstFrame` keeps how a body turns
 * in the clip and where a second one stands to it.
 *
 * @param clip Coordinates of (T, bodies, 25, 3), changed in place. Angles in float64, results in
 * float32.
 * @param bodies Number of bodies, M.
 */
export function rotate(
  clip: Float32Array,
  bodies: number,
  how: YRotation = "clipSign",
): void {
  switch (how) {
    case "clipSign":
      return turnWithOneSign(clip, bodies);
    case "atan2":
      for (let at = 0; at < clip.length; at += BODY) turn(clip, at, -facing(clip, at));
      return;
    case "firstFrame": {
      let at = 0;
      while (at < clip.length && !bodyIsThere(clip, at)) at += BODY;
      if (at < clip.length) turnAll(clip, -facing(clip, at));
      return;
    }
    case "none":
      return;
  }
}

function turnWithOneSign(clip: Float32Array, bodies: number): void {
  const frame = bodies * BODY;
  for (let m = 0; m < bodies; m++) {
    let lean = 0;
    for (let at = m * BODY; at < clip.length; at += frame) lean += shoulderLine(clip, at, 2);
    for (let at = m * BODY; at < clip.length; at += frame) {
      const vx = shoulderLine(clip, at, 0);
      const vz = shoulderLine(clip, at, 2);
      const phi = Math.acos(vx / (Math.sqrt(vx * vx + vz * vz) + 1e-4));
      turn(clip, at, lean >= 0 ? -phi : phi);
    }
  }
}

/** The signed angle of the shoulder line from the x axis, seen from above; 0 where it has no length. */
function facing(clip: Float32Array, at: number): number {
  return Math.atan2(shoulderLine(clip, at, 2), shoulderLine(clip, at, 0));
}

/** A coordinate of the vector from the left to the right shoulder of the body at `at`. */
function shoulderLine(clip: Float32Array, at: number, c: number): number {
  return clip[at + RIGHT_SHOULDER * 3 + c]! - clip[at + LEFT_SHOULDER * 3 + c]!;
}

function turnAll(clip: Float32Array, theta: number): void {
  for (let at = 0; at < clip.length; at += BODY) turn(clip, at, theta);
}

function turn(clip: Float32Array, at: number, theta: number): void {
  const cos = Math.cos(theta);
  const sin = Math.sin(theta);
  for (let i = at; i < at + BODY; i += 3) {
    const x = clip[i]!;
    const z = clip[i + 2]!;
    clip[i] = cos * x - sin * z;
    clip[i + 2] = sin * x + cos * z;
  }
}
