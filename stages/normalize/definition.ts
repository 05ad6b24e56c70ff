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
  yRotation: z.enum(["clipSign", "none"]).default("clipSign").describe(
    "Turn bodies to face one way, with one sign of the angle a clip, or leave them.",
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
