/**
 * The `curves` stage: a training log as a chart. It stands apart from `pretrain` so that a change
 * of the drawing never trains anything again.
 *
 * @module
 */
import { z } from "zod";
import type { StageDefinition } from "../../pipeline/stage.ts";

/** Parameters of `curves`. */
export const curvesParams = z.strictObject({
  title: z.string().min(1).default("Pre-training").describe("Heading of the chart."),
});

/** Parameters of `curves` after defaults. */
export type CurvesParams = z.output<typeof curvesParams>;

/** Draws losses against chance, cosines, embedding health and the mask's over the steps. */
export const curves: StageDefinition<typeof curvesParams> = {
  name: "curves",
  summary: "Draws a training log: losses beside chance, cosines, embeddings, neighbours, mask",
  params: curvesParams,
  inputs: { log: { type: "training_log", summary: "Log of a pre-training run" } },
  outputs: { chart: { type: "figure", summary: "log.svg" } },
  entry: new URL("./entry.ts", import.meta.url).href,
  resources: { cores: 1, memoryMiB: 256 },
};
