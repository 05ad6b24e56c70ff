/**
 * The `augment` stage: it validates the augmentation policy and fixes its random streams. The
 * augmentation itself happens on the device, in pre-training, by the policy that this stage writes.
 *
 * @module
 */
import { z } from "zod";
import type { Problem, StageDefinition } from "../../pipeline/stage.ts";

function range(max: number) {
  return z.tuple([z.int().min(1).max(max), z.int().min(1).max(max)]);
}

const angle = z.number().min(0).max(180);

/** Parameters of `augment`; the defaults are the method's (section 3). */
export const augmentParams = z.strictObject({
  seed: z.int().min(0).default(0).describe("Seed of all draws."),
  crop: z.strictObject({
    enabled: z.boolean().default(true),
    ratio: z.int().min(1).default(6).describe(
      "Frames over padding: the clip gains T/ratio frames.",
    ),
  }).prefault({}).describe("Temporal crop of the clip padded with its own mirror image."),
  shear: z.strictObject({
    enabled: z.boolean().default(true),
    amplitude: z.number().min(0).default(0.5).describe(
      "Shears are uniform in -amplitude..amplitude.",
    ),
  }).prefault({}).describe("One random shear for the whole clip."),
  rotate: z.strictObject({
    degrees: z.tuple([angle, angle, angle]).default([0, 0, 0]).describe(
      "Turns about x, y and z, each uniform in -degrees..degrees; 0 for none.",
    ),
  }).prefault({}).describe("One random rotation for the whole clip; not part of the method."),
  resize: z.strictObject({
    shortest: z.number().gt(0).max(1).default(1).describe(
      "Share of the clip that is drawn out to all its frames, uniform in shortest..1.",
    ),
  }).prefault({}).describe("Random part of the clip at its length; not part of the method."),
  swap: z.strictObject({
    enabled: z.boolean().default(true),
    parts: range(5).default([3, 4]).describe("Fewest and most body parts that are swapped."),
    tokens: range(16).default([4, 7]).describe(
      "Shortest and longest swap in sixteenths of a clip, which are tokens at 64 frames; at other " +
        "lengths scaled and rounded.",
    ),
  }).prefault({}).describe("Parts of the body swapped between the clips of a batch."),
});

/** Parameters of `augment` after defaults. */
export type AugmentParams = z.output<typeof augmentParams>;

function ordered(path: string[], [low, high]: readonly [number, number]): Problem[] {
  if (low <= high) return [];
  return [{ path, message: `expected [low, high] with low <= high, found [${low}, ${high}]` }];
}

/** Validates the policy of augmentation, writes it and draws a preview. */
export const augment: StageDefinition<typeof augmentParams> = {
  name: "augment",
  summary: "Fixes the augmentation policy and its random streams, with a preview",
  params: augmentParams,
  inputs: { clips: { type: "clips", summary: "The clips that will be augmented" } },
  outputs: {
    policy: { type: "policy", summary: "policy.json: ranges and random streams of all draws" },
    preview: { type: "figure", summary: "preview.svg: one clip, its view and a mix" },
  },
  entry: new URL("./entry.ts", import.meta.url).href,
  resources: { cores: 1, memoryMiB: 256 },
  facts: (params, inputs) => {
    const frames = inputs.clips?.frames;
    const known = { swap: params.swap.enabled };
    return { policy: typeof frames === "number" ? { ...known, frames } : known };
  },
  check: (params, inputs) => {
    const problems = [
      ...ordered(["swap", "parts"], params.swap.parts),
      ...ordered(["swap", "tokens"], params.swap.tokens),
    ];
    const frames = inputs.clips?.frames;
    if (params.crop.enabled && typeof frames === "number" && params.crop.ratio > frames) {
      problems.push({
        path: ["crop", "ratio"],
        message: `expected at most the ${frames} frames of a clip, found ${params.crop.ratio}; ` +
          `switch the crop off with enabled: false`,
      });
    }
    return problems;
  },
};
