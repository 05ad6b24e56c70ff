/**
 * Centring (method section 2, step 3), and the other origins that the field uses.
 *
 * @module
 */
import { BASE_JOINT, CENTRE_JOINT, JOINTS } from "../skeleton/joints.ts";
import { bodyIsThere } from "./length.ts";

/**
 * What becomes the origin. `own...`: of each body its own joint, frame by frame. `first...`: the joint
 * of the first body, frame by frame, for all bodies. `start...`: that joint in the first frame that
 * has a first body, for all bodies and frames. `none`: nothing is moved.
 */
export type Centre =
  | "ownSpineShoulder"
  | "ownSpineBase"
  | "firstSpineMid"
  | "firstSpineBase"
  | "startSpineMid"
  | "startSpineBase"
  | "none";

/** The middle of the spine. */
const SPINE_MID = 1;

const SIZE = JOINTS * 3;

/**
 * Moves bodies so that what `how` names is the origin. With `x[t, m, v]` the position of joint `v` of
 * body `m` in frame `t`, `j` the joint, and `s` the first frame that has a first body:
 *
 *     own...     x'[t, m, v] = x[t, m, v] - x[t, m, j]
 *     first...   x'[t, m, v] = x[t, m, v] - x[o(t), 0, j]
 *     start...   x'[t, m, v] = x[t, m, v] - x[s, 0, j]
 *
 * where `o(t)` is the last frame up to `t` that has a first body, or `s` before it. A body that a
 * frame does not have (all zero) stays zero.
 *
 * @param raw Coordinates of (frames, bodies, 25, 3), changed in place; float32 arithmetic. For all but
 * `own...` and `none` some frame has a first body.
 * @param bodies Number of bodies, M.
 * @param how What becomes the origin; released is `ownSpineShoulder`.
 */
export function centre(raw: Float32Array, bodies: number, how: Centre = "ownSpineShoulder"): void {
  switch (how) {
    case "ownSpineShoulder":
      return centreEach(raw, CENTRE_JOINT);
    case "ownSpineBase":
      return centreEach(raw, BASE_JOINT);
    case "firstSpineMid":
    case "startSpineMid":
      return centreOnFirst(raw, bodies, SPINE_MID, how === "firstSpineMid");
    case "firstSpineBase":
    case "startSpineBase":
      return centreOnFirst(raw, bodies, BASE_JOINT, how === "firstSpineBase");
    case "none":
      return;
  }
}

/** Neither where a body stands is left, nor how far two bodies are apart. A body of zeros stays one. */
function centreEach(raw: Float32Array, joint: number): void {
  for (let at = 0; at < raw.length; at += SIZE) {
    const origin = at + joint * 3;
    move(raw, at, raw[origin]!, raw[origin + 1]!, raw[origin + 2]!);
  }
}

/** How far two bodies are apart is left; with `follow` false also how the first one walks. */
function centreOnFirst(raw: Float32Array, bodies: number, joint: number, follow: boolean): void {
  const frame = bodies * SIZE;
  let start = 0;
  while (start < raw.length && !bodyIsThere(raw, start)) start += frame;
  let origin = raw.slice(start + joint * 3, start + joint * 3 + 3);
  for (let at = 0; at < raw.length; at += frame) {
    if (follow && at > start && bodyIsThere(raw, at)) {
      origin = raw.slice(at + joint * 3, at + joint * 3 + 3);
    }
    for (let body = at; body < at + frame; body += SIZE) {
      if (bodyIsThere(raw, body)) move(raw, body, origin[0]!, origin[1]!, origin[2]!);
    }
  }
}

function move(raw: Float32Array, body: number, x: number, y: number, z: number): void {
  for (let i = body; i < body + SIZE; i += 3) {
    raw[i]! -= x;
    raw[i + 1]! -= y;
    raw[i + 2]! -= z;
  }
}
