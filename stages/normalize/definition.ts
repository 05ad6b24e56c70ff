/**
 * The `normalize` stage: recordings of any length to clips of one length, centred and turned to face
 * one way (method section 2).
 *
 * @module
 */
import { z } from "zod";
import type { StageDefinition } from "../../pipeline/stage.ts";

/** Parameters of `normalize`. */
export const normalizeParams = z.strictObject({
  frames: z.int().min(4).multipleOf(4).default(64).describe(
    "Frames of a clip, T: a multiple of 4, since the encoder halves time twice.",
  ),
  resize: z.enum(["linearPrefix", "linear", "nearest", "centreCrop", "pad", "loop"])
    .default("linearPrefix").describe(
      "How frames become T: linearPrefix (released) interpolates as many of the first frames as " +
        "have a first body; the others use all frames from the first to the last that has a " +
        "body: linear interpolates them, nearest repeats or skips some, centreCrop keeps those in " +
        "the middle, pad the first ones, with empty frames behind, loop begins again.",
    ),
  centre: z.enum([
    "ownSpineShoulder",
    "ownSpineBase",
    "firstSpineMid",
    "firstSpineBase",
    "startSpineMid",
    "startSpineBase",
    "none",
  ]).default("ownSpineShoulder").describe(
    "What becomes the origin: own...: of each body its own joint in every frame (released: " +
      "ownSpineShoulder); first...: that of the first body in every frame, for all bodies; " +
      "start...: that of the first body where it first appears, for all frames; none: nothing moves.",
  ),
  yRotation: z.enum(["clipSign", "atan2", "firstFrame", "none"]).default("clipSign").describe(
    "Turn bodies to face one way: clipSign (released) frame by frame with one sign of the angle a " +
      "clip, atan2 frame by frame with the sign of each, firstFrame all alike by the first frame's " +
      "angle; or leave them (none).",
  ),
});

/** Parameters of `normalize` after defaults. */
export type NormalizeParams = z.output<typeof normalizeParams>;

/** Parsed recordings to normalised clips. */
export const normalize: StageDefinition<typeof normalizeParams> = {
  name: "normalize",
  summary: "Centres recordings, resamples them to one length and turns them to face one way",
  params: normalizeParams,
  inputs: { raw: { type: "raw_clips", summary: "Parsed recordings" } },
  outputs: { clips: { type: "clips", summary: "Clips of (3, T, 25, M), float32, with labels" } },
  entry: new URL("./entry.ts", import.meta.url).href,
  resources: { cores: 1, memoryMiB: 512 },
  facts: (params, inputs) => ({ clips: { ...inputs.raw, frames: params.frames } }),
};
