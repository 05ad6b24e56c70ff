/**
 * How long a clip is (method section 2, step 2), and where in its frames bodies are.
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

/** Whether a body, whose coordinates begin at `at`, is there: one of them is not 0. */
export function bodyIsThere(raw: Float32Array, at: number): boolean {
  for (let i = at; i < at + JOINTS * 3; i++) if (raw[i] !== 0) return true;
  return false;
}

/** Whether any frame has the body in slot `body`. */
export function bodyAppears(raw: Float32Array, bodies: number, body: number): boolean {
  const size = JOINTS * 3;
  for (let at = body * size; at < raw.length; at += bodies * size) {
    if (bodyIsThere(raw, at)) return true;
  }
  return false;
}

/**
 * The frames from the first to the last that has a body in any slot.
 *
 * @param raw Coordinates of (frames, bodies, 25, 3).
 * @param bodies Number of bodies, M.
 * @returns The first such frame and the one behind the last; equal where there is none.
 */
export function presentSpan(raw: Float32Array, bodies: number): { first: number; end: number } {
  const size = JOINTS * 3;
  let [from, to] = [0, raw.length];
  while (from < to && !bodyIsThere(raw, from)) from += size;
  while (to > from && !bodyIsThere(raw, to - size)) to -= size;
  if (from === to) return { first: 0, end: 0 };
  return { first: Math.floor(from / (bodies * size)), end: Math.ceil(to / (bodies * size)) };
}
