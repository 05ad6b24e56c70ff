/**
 * Puts the result of every stage of an experiment into a store, without starting the stages: ten
 * thousand sandboxed processes would take half an hour and leave the same records behind.
 *
 * The stages are `copy` stages: what each yields is known. Results enter through the store's own
 * operations under the keys that planning gives; files are not flushed to the disk.
 *
 * @module
 */
import { SETTLED_MS } from "../file_stamp.ts";
import { digestsOf } from "../plan.ts";
import { Planning } from "../planning.ts";
import { disk } from "../store/disk.ts";
import { type ActionRecord, openStore, type Store } from "../store/store.ts";
import type { Experiment } from "../types.ts";

/** Opens a store that leaves it to the system when its files reach the disk. */
export function hastyStore(folder: string): Promise<Store> {
  return openStore(folder, { disk: { ...disk, flush: () => Promise.resolve() } });
}

/**
 * Fills a store.
 *
 * @param store An empty store.
 * @param experiment Its stages are all of type `copy`.
 */
export async function fillStore(store: Store, experiment: Experiment): Promise<void> {
  const planning = await Planning.begin(experiment, { store });
  const records = new Map<string, ActionRecord>();
  const now = new Date().toISOString();
  const scratch = `${store.root}/scratch/filling`;
  for (const node of planning.graph.nodes) {
    const { key, manifest } = planning.resolve(node, (id) => digestsOf(records.get(id)))!;
    await Deno.mkdir(scratch);
    await Deno.writeTextFile(`${scratch}/copy.txt`, `output of ${node.id}\n`);
    const output = await store.takeTree(scratch, "text");
    await Deno.remove(scratch, { recursive: true });
    const record: ActionRecord = {
      format: "action-record/1",
      key,
      manifest,
      outputs: { copy: output },
      metrics: {},
      facts: {},
      strict: "unread",
      provenance: {
        deno: Deno.version.deno,
        v8: Deno.version.v8,
        platform: `${Deno.build.os} ${Deno.build.arch}`,
        host: Deno.hostname(),
        started: now,
        ended: now,
        seconds: 0,
        attempts: 1,
        experiment: experiment.name,
        stage: node.id,
      },
    };
    await store.writeAction(record);
    records.set(node.id, record);
  }
  planning.remember();
}

/** Waits until files that were just written count as left alone, as an hour-old project's do. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, SETTLED_MS + 1000));
}
