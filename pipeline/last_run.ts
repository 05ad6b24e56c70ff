/**
 * The runs that a store remembers, latest first.
 *
 * @module
 */
import { readJson } from "./store/json_file.ts";
import type { Store } from "./store/store.ts";
import type { RunSummary } from "./types.ts";

/** A remembered run. */
export type RememberedRun = RunSummary & {
  /** When it began, in UTC. */
  readonly started: string;
};

/**
 * The last run of a store that concerns an experiment and a stage.
 *
 * @param store The store.
 * @param wanted The experiment's name and the stage's id; each may be left open.
 * @returns The run, or nothing if the store remembers none.
 */
export function lastRun(
  store: Store,
  wanted: { readonly experiment?: string | undefined; readonly stage?: string | undefined } = {},
): RememberedRun | undefined {
  const files = [...Deno.readDirSync(`${store.root}/runs`)]
    .map(({ name }) => name)
    .filter((name) => name.endsWith(".json"))
    .sort()
    .reverse();
  for (const name of files) {
    const run = readJson<RememberedRun>(`${store.root}/runs/${name}`);
    if (run === undefined) continue;
    if (wanted.experiment !== undefined && run.experiment !== wanted.experiment) continue;
    if (wanted.stage !== undefined && !run.stages.some(({ id }) => id === wanted.stage)) continue;
    return run;
  }
  return undefined;
}
