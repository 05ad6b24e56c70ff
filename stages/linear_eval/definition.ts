/**
 * The `linear_eval` stage: how well a linear classifier reads actions off frozen features.
 *
 * @module
 */
import { z } from "zod";
import type { StageDefinition } from "../../pipeline/stage.ts";

const params = z.strictObject({
  title: z.string().min(1).optional().describe("Name of the result; that of the features if unset"),
  seed: z.int().min(0).describe("Seed of the classifier's start and of the order of clips"),
  epochs: z.int().min(1).default(150).describe("Epochs of the released probe"),
  batch: z.int().min(1).default(128).describe("Clips in a step of the released probe"),
  lr: z.number().positive().default(3.0).describe("Learning rate of the released probe"),
  milestones: z.array(z.int().min(1)).default([60, 100]).describe(
    "Epochs after which the learning rate is divided by ten",
  ),
  evaluate_every: z.int().min(1).default(5).describe("Epochs between evaluations on the test set"),
  strengths: z.array(z.number().positive()).min(1).default([
    1e-4,
    1e-3,
    1e-2,
    1e-1,
    1,
    1e1,
    1e2,
    1e3,
    1e4,
  ]).describe("Ridge strengths that the converged probe chooses from"),
  selection_folds: z.int().min(2).default(5).describe(
    "Folds over training subjects in which the strength is chosen",
  ),
  nearest_neighbour: z.boolean().default(true).describe("Also score the nearest training clip"),
});

/** Parameters of the `linear_eval` stage. */
export type LinearParams = z.output<typeof params>;

/** See this module's page. */
export const linearEval: StageDefinition<typeof params> = {
  name: "linear_eval",
  summary: "linear evaluation of frozen features: the released probe and a converged one",
  params,
  inputs: {
    features: { type: "features", summary: "one row of features a clip" },
    split: { type: "split", summary: "which clips train and which test" },
  },
  outputs: { result: { type: "result", summary: "accuracies, logits and confusion matrices" } },
  entry: new URL("./entry.ts", import.meta.url).href,
  resources: { cores: 1, memoryMiB: 2048 },
  facts: (_params, inputs) => {
    const classes = inputs.features?.classes;
    return { result: typeof classes === "number" ? { classes } : {} };
  },
};
