/**
 * Centring (method section 2, step 3).
 *
 * @module
 */
import { CENTRE_JOINT, JOINTS } from "../skeleton/joints.ts";

/**
 * Makes each body's own spine-shoulder joint the origin, frame by frame, so that neither where a
 * body stands nor how far two bodies are apart is left. A body of zeros stays one.
 *
 * @param raw Coordinates of (frames, bodies, 25, 3), changed in place; float32 arithmetic.
 */
export function centre(raw: Float32Array): void {
  const body = JOINTS * 3;
  for (let at = 0; at < raw.length; at += body) {
    const x = raw[at + CENTRE_JOINT * 3]!;
    const y = raw[at + CENTRE_JOINT * 3 + 1]!;
    const z = raw[at + CENTRE_JOINT * 3 + 2]!;
    for (let i = at; i < at + body; i += 3) {
      raw[i]! -= x;
      raw[i + 1]! -= y;
      raw[i + 2]! -= z;
    }
  }
}
