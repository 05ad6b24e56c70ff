/**
 * The `flatten` stage: raw coordinates as features, the control that any encoder must beat.
 *
 * @module
 */
import { z } from "zod";
import type { Facts, PortFacts, Problem, StageDefinition } from "../../pipeline/stage.ts";

/** Parameters of `flatten`. */
export const flattenParams = z.strictObject({
  frames: z.number().int().min(1).nullable().default(null).describe(
    "Frames to resample each clip to; null keeps all of them.",
  ),
});

/** Parameters of `flatten` after defaults. */
export type FlattenParams = z.output<typeof flattenParams>;

/** Normalised coordinates, flattened in the order of the clip: coordinate, frame, joint, body. */
export const flatten: StageDefinition<typeof flattenParams> = {
  name: "flatten",
  summary: "Takes the raw coordinates of each clip as its features: the control of every encoder",
  params: flattenParams,
  inputs: { clips: { type: "clips", summary: "Normalised clips" } },
  outputs: { features: { type: "features", summary: "One row of coordinates a clip" } },
  entry: new URL("./entry.ts", import.meta.url).href,
  resources: { cores: 1, memoryMiB: 1024 },
  facts: (params, inputs) => featureFacts(params, inputs.clips),
  check: (params, inputs) => {
    const frames = inputs.clips?.frames;
    if (params.frames === null || typeof frames !== "number" || params.frames <= frames) return [];
    return [tooManyFrames(params.frames, frames)];
  },
};

/** The rule that resampling never invents frames. */
export function tooManyFrames(asked: number, found: number): Problem {
  return {
    path: ["frames"],
    message: `expected at most the ${found} frames that the clips have, found ${asked}`,
  };
}

function featureFacts(params: FlattenParams, clips: Facts | undefined): PortFacts {
  if (clips === undefined) return {};
  const { classes, frames, bodies } = clips;
  const facts: Record<string, number | string | boolean> = {};
  if (typeof clips.clips === "number") facts.clips = clips.clips;
  if (typeof classes === "number") facts.classes = classes;
  const kept = params.frames ?? frames;
  if (typeof kept === "number" && typeof bodies === "number") facts.dim = 3 * kept * 25 * bodies;
  return { features: facts };
}
