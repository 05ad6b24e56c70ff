/**
 * The `ensemble` stage: several streams' classifiers as one, by a weighted sum of their logits (method
 * section 8). The weights stand in the experiment file and are never chosen on the test set.
 *
 * @module
 */
import { z } from "zod";
import type { PortFacts, Problem, StageDefinition } from "../../pipeline/stage.ts";
import { findStreams } from "./streams.ts";

const weighting = z.record(z.string().min(1), z.number().gt(0));

/** Parameters of `ensemble`. */
export const ensembleParams = z.strictObject({
  title: z.string().min(1).optional().describe("Name of the result; that of the streams if unset"),
  weights: weighting.default({ joint: 0.5, bone: 0.5, motion: 0.4 }).describe(
    "What each stream's logits weigh, by the input's name.",
  ),
  also: z.array(weighting).optional().describe(
    "Further weightings that are told beside it, each under a name of its own; all streams alike, at " +
      "0.5, if unset.",
  ),
  probe: z.string().min(1).default("linear").describe(
    "Whose logits are summed: linear, linear_converged, finetune ...",
  ),
  epoch: z.enum(["last", "best"]).default("last").describe(
    "What the gain over single streams is stated of: the last epoch, or, as released, each stream's " +
      "best on the test set. The result has both.",
  ),
});

/** Parameters of `ensemble` after defaults. */
export type EnsembleParams = z.output<typeof ensembleParams>;

/** See this module's page. */
export const ensemble: StageDefinition<typeof ensembleParams> = {
  name: "ensemble",
  summary: "Sums the logits of several streams with fixed weights",
  params: ensembleParams,
  inputs: { "*": { type: "result", summary: "results of the streams, called as in weights" } },
  outputs: { result: { type: "result", summary: "accuracies, summed logits, confusion matrices" } },
  entry: new URL("./entry.ts", import.meta.url).href,
  resources: { cores: 1, memoryMiB: 1024 },
  facts: (_params, inputs) => {
    const classes = Object.values(inputs)[0]?.classes;
    return { result: typeof classes === "number" ? { classes } : {} };
  },
  check: ensembleProblems,
};

/** Weights and inputs must name the same streams, at least two. */
export function ensembleProblems(
  { weights, also = [] }: Pick<EnsembleParams, "weights" | "also">,
  inputs: PortFacts,
): readonly Problem[] {
  const names = Object.keys(weights);
  const given = Object.keys(inputs).sort();
  const found = findStreams(names, given);
  const problems: Problem[] = [];
  if (names.length < 2) {
    problems.push({
      path: ["weights"],
      message: `expected at least two streams, found ${names.join() || "none"}`,
    });
  }
  for (const [name, streams] of found.inputs) {
    if (streams.length > 0) continue;
    problems.push({
      path: ["weights", name],
      message: `expected the name of an input (${given.join(", ") || "there are none"}), found ` +
        `${name}: give the weights of the streams that there are`,
    });
  }
  for (const input of found.unnamed) {
    problems.push({
      path: ["weights"],
      message: `expected a weight for the input ${input}, found weights of ${names.join(", ")}`,
    });
  }
  for (const input of found.ambiguous) {
    problems.push({
      path: ["weights"],
      message: `expected one stream for the input ${input}, found several among ${
        names.join(", ")
      }`,
    });
  }
  also.forEach((other, i) => {
    const theirs = Object.keys(other).sort();
    if (theirs.join() === [...names].sort().join()) return;
    problems.push({
      path: ["also", i],
      message: `expected the streams of weights (${names.join(", ")}), found ${
        theirs.join(", ") || "none"
      }`,
    });
  });
  return problems;
}
