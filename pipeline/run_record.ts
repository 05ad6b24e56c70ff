/**
 * What is remembered of a run: its summary, under `runs/` in the store.
 *
 * @module
 */
import type { Store } from "./store/store.ts";
import type { RunSummary } from "./types.ts";

/** Writes a run down; the file's name begins with its start in UTC, so that names sort by time. */
export async function writeRun(store: Store, summary: RunSummary, started: Date): Promise<void> {
  const time = started.toISOString().replaceAll(/[:.]/g, "-");
  const id = crypto.randomUUID().slice(0, 8);
  await store.write(
    `${store.root}/runs/${time}-${id}.json`,
    JSON.stringify({ format: "run/1", started: started.toISOString(), ...summary }) + "\n",
  );
}
