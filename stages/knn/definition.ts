/**
 * The `knn` stage: how well the nearest training clips tell what a test clip shows (method section 8).
 *
 * @module
 */
import { z } from "zod";
import type { PortFacts, Problem, StageDefinition } from "../../pipeline/stage.ts";

/** Parameters of `knn`. */
export const knnParams = z.strictObject({
  title: z.string().min(1).optional().describe("Name of the result; that of the features if unset"),
  k: z.array(z.int().min(1)).min(1).default([1, 5, 20]).describe("Numbers of neighbours."),
  centre: z.boolean().default(true).describe(
    "Take the mean of the training clips off all features before their cosines.",
  ),
  weights: z.enum(["uniform", "similarity"]).default("uniform").describe(
    "What a neighbour's vote weighs: one, or exp(cosine / temperature).",
  ),
  temperature: z.number().gt(0).default(0.1).describe("Temperature of the votes by similarity."),
  compat: z.boolean().default(false).describe(
    "Votes as released, whatever centre and weights say: by similarity, features not centred. It " +
      "belongs to features from encode with compat.",
  ),
});

/** Parameters of `knn` after defaults. */
export type KnnParams = z.output<typeof knnParams>;

/** See this module's page. */
export const knn: StageDefinition<typeof knnParams> = {
  name: "knn",
  summary: "Classifies test clips by their nearest training clips",
  params: knnParams,
  inputs: {
    features: { type: "features", summary: "one row of features a clip" },
    split: { type: "split", summary: "which clips are the bank and which are asked about" },
  },
  outputs: { result: { type: "result", summary: "accuracies, votes and confusion matrices" } },
  entry: new URL("./entry.ts", import.meta.url).href,
  resources: { cores: 1, memoryMiB: 2048 },
  facts: (_params, inputs) => {
    const classes = inputs.features?.classes;
    return { result: typeof classes === "number" ? { classes } : {} };
  },
  check: knnProblems,
};

/**
 * The rules of a run: checked while planning with what is known then, and again by the stage.
 *
 * @param inputs Facts about `split`: `train`, the clips of the smallest bank.
 */
export function knnProblems({ k }: Pick<KnnParams, "k">, inputs: PortFacts): readonly Problem[] {
  const problems: Problem[] = [];
  const bank = inputs.split?.train;
  k.forEach((count, i) => {
    if (k.indexOf(count) < i) {
      problems.push({ path: ["k", i], message: `expected each number once, found ${count} again` });
    } else if (typeof bank === "number" && count > bank) {
      problems.push({
        path: ["k", i],
        message: `expected at most the ${bank} training clips of a fold, found ${count}`,
      });
    }
  });
  return problems;
}
