/**
 * The normalisation of one clip, from the sensor's coordinates to what an encoder is fed (method
 * section 2).
 *
 * @module
 */
import { JOINT_NAMES, JOINTS } from "../skeleton/joints.ts";
import { centre } from "./centre.ts";
import { validLength } from "./length.ts";
import { resample } from "./resample.ts";
import { rotate } from "./rotate.ts";

/** What may be chosen about the normalisation. */
export interface NormalizeOptions {
  /** Frames of the result, T. */
  readonly frames: number;
  /** Whether bodies are turned to face one way, with one sign per clip, or left as they stand. */
  readonly yRotation: "clipSign" | "none";
}

/** A clip that cannot be normalised, with the reason in words. */
export class UnusableClip extends Error {
  override name = "UnusableClip";
}

function requireFinite(raw: Float32Array, bodies: number): void {
  for (let at = 0; at < raw.length; at++) {
    if (Number.isFinite(raw[at])) continue;
    const frame = Math.floor(at / (bodies * JOINTS * 3));
    const joint = Math.floor(at / 3) % JOINTS;
    throw new UnusableClip(
      `${"xyz"[at % 3]} of the ${JOINT_NAMES[joint]} is ${raw[at]} in frame ${frame + 1} of ` +
        `${raw.length / (bodies * JOINTS * 3)}`,
    );
  }
}

/**
 * Normalises one clip: length, centring, resampling, rotation, in this order.
 *
 * @param raw Coordinates of (frames, bodies, 25, 3) in metres; overwritten.
 * @param bodies Number of bodies, M.
 * @param out Receives the clip as (3, T, 25, M).
 * @throws {UnusableClip} If a coordinate is not finite or so large that a result is not, or no
 * frame has a first body.
 */
export function normalizeClip(
  raw: Float32Array,
  bodies: number,
  { frames, yRotation }: NormalizeOptions,
  out: Float32Array,
): void {
  requireFinite(raw, bodies);
  const length = validLength(raw, bodies);
  if (length === 0) {
    throw new UnusableClip("no frame has a first body (its spine base is 0 in all)");
  }
  centre(raw);
  const clip = resample(raw, length, frames, bodies * JOINTS * 3);
  if (yRotation === "clipSign") rotate(clip, bodies);
  if (!clip.every(Number.isFinite)) throw new UnusableClip("its coordinates are too large");
  let from = 0;
  for (let t = 0; t < frames; t++) {
    for (let m = 0; m < bodies; m++) {
      for (let v = 0; v < JOINTS; v++) {
        for (let c = 0; c < 3; c++) {
          out[((c * frames + t) * JOINTS + v) * bodies + m] = clip[from++]!;
        }
      }
    }
  }
}
