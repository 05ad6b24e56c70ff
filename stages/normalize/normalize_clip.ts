/**
 * The normalisation of one clip, from the sensor's coordinates to what an encoder is fed (method
 * section 2).
 *
 * @module
 */
import { JOINT_NAMES, JOINTS } from "../skeleton/joints.ts";
import { type Centre, centre } from "./centre.ts";
import { bodyAppears } from "./length.ts";
import { type Resize, resize, usedFrames } from "./resize.ts";
import { rotate, type YRotation } from "./rotate.ts";

/** What may be chosen about the normalisation; what is left out is as released. */
export interface NormalizeOptions {
  /** Frames of the result, T. */
  readonly frames: number;
  /** What becomes the origin; `ownSpineShoulder` where left out. */
  readonly centre?: Centre;
  /** How the frames become T; `linearPrefix` where left out. */
  readonly resize?: Resize;
  /** How bodies are turned to face one way. */
  readonly yRotation: YRotation;
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

/** Why there is nothing to normalise. */
const NO_BODY = {
  prefix: "no frame has a first body (its spine base is 0 in all)",
  base: "the spine base of the first body is 0 in all frames: resize linear does without it",
  any: "no frame has a body (all coordinates are 0)",
  first: "no frame has a first body (its coordinates are 0 in all), on which to centre",
} as const;

/**
 * Normalises one clip: length, centring, resampling, rotation, in this order.
 *
 * @param raw Coordinates of (frames, bodies, 25, 3) in metres; overwritten.
 * @param bodies Number of bodies, M.
 * @param out Receives the clip as (3, T, 25, M).
 * @throws {UnusableClip} If a coordinate is not finite or so large that a result is not, or no
 * frame has a body, or no first body where one is needed.
 */
export function normalizeClip(
  raw: Float32Array,
  bodies: number,
  options: NormalizeOptions,
  out: Float32Array,
): void {
  const { frames, yRotation } = options;
  const { centre: origin = "ownSpineShoulder", resize: lengthBy = "linearPrefix" } = options;
  requireFinite(raw, bodies);
  const used = usedFrames(raw, bodies, lengthBy);
  if (used.length === 0) {
    if (lengthBy !== "linearPrefix") throw new UnusableClip(NO_BODY.any);
    throw new UnusableClip(bodyAppears(raw, bodies, 0) ? NO_BODY.base : NO_BODY.prefix);
  }
  const needsFirst = origin.startsWith("first") || origin.startsWith("start");
  if (needsFirst && !bodyAppears(raw, bodies, 0)) throw new UnusableClip(NO_BODY.first);
  centre(raw, bodies, origin);
  const clip = resize(raw, bodies, used, frames, lengthBy);
  rotate(clip, bodies, yRotation);
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
