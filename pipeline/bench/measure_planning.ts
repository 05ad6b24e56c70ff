/**
 * Measures planning: from a validated experiment to what is cached, each time in a new process, whose
 * code is as cold as a user's.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { amount } from "../duration.ts";
import { chains, writeInputs } from "./chains.ts";
import { fillStore } from "./fill_store.ts";
import { PERMISSIONS } from "./runners.ts";
import { median } from "./statistics.ts";
import type { Measurement } from "./suite.ts";

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

/**
 * Measures one experiment, all cached and nothing cached; one run before the others is not counted.
 *
 * @param name What the measurement is called.
 * @param say Told how it goes.
 */
export async function measurePlanning(
  name: string,
  { stages, folder }: PlanningPlace,
  runs: number,
  say: (line: string) => void,
): Promise<Measurement[]> {
  const measurements: Measurement[] = [];
  for (const [store, words] of [["cached", "all cached"], ["empty", "nothing cached"]] as const) {
    const values: number[] = [];
    for (let round = 0; round <= runs; round++) {
      const seconds = await once(folder, stages, `${folder}/${store}`);
      if (round > 0) values.push(seconds);
      say(`${name}, ${words}: ${seconds.toFixed(3)} s${round > 0 ? "" : " (not counted)"}`);
    }
    measurements.push({ name: `${name}, ${words}`, unit: "s", by: "skelrun", values });
  }
  return measurements;
}

/** Time per stage of the largest experiment over that of the one before it, in a sentence. */
export function linearity(
  places: readonly PlanningPlace[],
  measured: readonly Measurement[],
): string {
  const perStage = measured.map(({ values }, i) => median(values) / places[i]!.stages);
  const [most, less] = [places.at(-1)!, places.at(-2)!];
  const ratio = perStage.at(-1)! / perStage.at(-2)!;
  return `planning costs ${ratio.toPrecision(3)} times as much a stage with ` +
    `${amount(most.stages)} stages as with ${amount(less.stages)} ` +
    `(1 is linear)`;
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
