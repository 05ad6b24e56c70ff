/**
 * Measures planning: from a validated experiment to what is cached, each time in a new process, whose
 * code is as cold as a user's.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { amount } from "../screen/duration.ts";
import { chains, writeInputs } from "./chains.ts";
import { fillStore } from "./fill_store.ts";
import { PERMISSIONS } from "./runners.ts";
import { median } from "./statistics.ts";
import type { BenchResult } from "./suite.ts";

const PROGRAM = fileURLToPath(new URL("./planning_program.ts", import.meta.url));

/** Where an experiment to be planned is, with a store that has all results and one that has none. */
export interface PlanningPlace {
  /** How many. */
  readonly stages: number;
  /** It holds `in/`, and the stores `cached` and `empty`. */
  readonly folder: string;
}

/** Writes the inputs of an experiment of chains, and all its results into the store `cached`. */
export async function preparePlanning(folder: string, stages: number): Promise<PlanningPlace> {
  const experiment = chains(folder, stages);
  await writeInputs(experiment, folder);
  await fillStore(`${folder}/cached`, experiment, false);
  return { stages, folder };
}

/** The stores of a place, in words. */
const STORES = [["cached", "all cached"], ["empty", "nothing cached"]] as const;

/**
 * Measures experiments of growing size, each in turn, round by round; one round before the others is
 * not counted.
 *
 * @param say Told how it goes.
 */
export async function measurePlanning(
  places: readonly PlanningPlace[],
  runs: number,
  say: (line: string) => void,
): Promise<BenchResult> {
  const series = places.flatMap(({ stages, folder }) =>
    STORES.map(([store, words]) => ({
      name: `plan, ${amount(stages)} stages, ${words}`,
      plan: () => once(folder, stages, `${folder}/${store}`),
      perStage: [] as number[],
      values: [] as number[],
      stages,
      store,
    }))
  );
  for (let round = 0; round <= runs; round++) {
    for (const { name, plan, values, perStage, stages } of series) {
      const seconds = await plan();
      say(`${name}: ${seconds.toFixed(3)} s${round > 0 ? "" : " (not counted)"}`);
      if (round === 0) continue;
      values.push(seconds);
      perStage.push(seconds / stages);
    }
  }
  const [less, most] = series.filter(({ store }) => store === "cached").slice(-2);
  const ratio = median(most!.perStage.map((seconds, i) => seconds / less!.perStage[i]!));
  return {
    measurements: series.map(({ name, values }) => ({ name, unit: "s", by: "skelrun", values })),
    notes: [
      `planning costs ${ratio.toPrecision(3)} times as much a stage with ` +
      `${amount(most!.stages)} stages as with ${amount(less!.stages)} (1 is linear)`,
    ],
  };
}

/** Seconds of one plan in a process of its own. */
async function once(folder: string, stages: number, store: string): Promise<number> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", ...PERMISSIONS, PROGRAM, folder, String(stages), store],
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  if (!success) throw new Error(`planning failed: ${text(stderr)}`);
  return Number(text(stdout));
}
