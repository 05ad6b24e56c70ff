/**
 * A toy stage with two outputs whose result may differ from time to time, and what tests of
 * verification share.
 *
 * @module
 */
import { z } from "zod";
import { inline } from "../../pipeline/executors/inline.ts";
import type { StageDefinition } from "../../pipeline/stage.ts";
import type { Store } from "../../pipeline/store/store.ts";
import type { Experiment, RunEvent } from "../../pipeline/types.ts";
import { verify, type VerifyOptions } from "../../pipeline/verify/verify.ts";
import { runToy, toyExperiment, type ToyStage, toyStages } from "./toy_stages.ts";

/** The toy stages, and one that breaks the rules in the way its parameter says. */
export function flakyStages(): Readonly<Record<string, StageDefinition>> {
  const flaky: StageDefinition = {
    name: "flaky",
    summary: "Differs from time to time in what it is told to",
    params: z.strictObject({ what: z.string().default(""), stepMs: z.number().default(0) }),
    inputs: { "*": { type: "number", summary: "Ignored" } },
    outputs: {
      number: { type: "number", summary: "A number" },
      table: { type: "table", summary: "Two files" },
    },
    entry: new URL("./toy/flaky.ts", import.meta.url).href,
    resources: { cores: 1, memoryMiB: 100 },
  };
  return { ...toyStages(), flaky };
}

/** An experiment of those stages. */
export function flakyExperiment(stages: Readonly<Record<string, ToyStage>>): Experiment {
  return toyExperiment(stages, flakyStages());
}

/** Runs an experiment, which must succeed. */
export async function compute(experiment: Experiment, store: Store) {
  const outcome = await runToy(experiment, { store, executor: inline });
  if (outcome.summary.status !== "done") throw new Error(JSON.stringify(outcome.summary));
  return outcome;
}

/** Verifies an experiment and gives its rows by id, its events, and each stage's state. */
export async function verifyToy(
  experiment: Experiment,
  options: Omit<VerifyOptions, "executor"> & Pick<Partial<VerifyOptions>, "executor">,
) {
  const events: RunEvent[] = [];
  const verification = await verify(
    experiment,
    { executor: inline, ...options },
    (event) => events.push(event),
  );
  return {
    verification,
    events,
    stage: (id: string) => verification.stages.find((row) => row.id === id)!,
    states: Object.fromEntries(verification.stages.map(({ id, state }) => [id, state])),
  };
}

/** All files under a folder with their contents. */
export function filesUnder(folder: string): Record<string, string> {
  const found: Record<string, string> = {};
  const collect = (path: string, name: string) => {
    for (const entry of Deno.readDirSync(path)) {
      const inner = `${name}${entry.name}`;
      if (entry.isDirectory) collect(`${path}/${entry.name}`, `${inner}/`);
      else found[inner] = Deno.readTextFileSync(`${path}/${entry.name}`);
    }
  };
  collect(folder, "");
  return found;
}
