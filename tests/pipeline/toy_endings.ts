/**
 * Toy stages that end, print or trespass in unusual ways.
 *
 * @module
 */
import { z } from "zod";
import type { Allowance, StageDefinition } from "../../pipeline/stage.ts";
import type { Experiment } from "../../pipeline/types.ts";
import { toyExperiment } from "./toy_stages.ts";

/** An experiment of one stage, `HOW`, for each way that is named. */
export function endings(
  ways: Readonly<Record<string, string>>,
  allow?: Allowance,
): Experiment {
  const ending: StageDefinition = {
    name: "ending",
    summary: "Ends in the way it is told to",
    params: z.strictObject({ how: z.string(), path: z.string() }),
    inputs: { table: { type: "file", summary: "A table", external: true, optional: true } },
    outputs: { number: { type: "number", summary: "A number" } },
    entry: new URL("./toy/ending.ts", import.meta.url).href,
    resources: { cores: 1, memoryMiB: 64 },
    ...(allow ? { allow } : {}),
  };
  return toyExperiment(
    Object.fromEntries(
      Object.entries(ways).map(([how, path]) => [how, { uses: "ending", params: { how, path } }]),
    ),
    { ending },
  );
}
