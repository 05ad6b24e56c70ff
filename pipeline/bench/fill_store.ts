/**
 * Puts the result of every stage of an experiment into a store, without starting the stages: ten
 * thousand sandboxed processes would take half an hour and leave the same records behind.
 *
 * The stages are `copy` stages: what each yields is known. Records are under the keys that planning
 * gives; nothing is flushed to the disk.
 *
 * @module
 */
import { SETTLED_MS } from "../file_stamp.ts";
import { sha256 } from "../fingerprint.ts";
import type { GraphNode } from "../graph.ts";
import { digestsOf } from "../plan.ts";
import { Planning, type Resolved } from "../planning.ts";
import { disk } from "../store/disk.ts";
import { type ActionRecord, openStore, type OutputRecord, type Store } from "../store/store.ts";
import { treeDigest } from "../tree.ts";
import type { Experiment } from "../types.ts";

/** What `copy` is made to yield. */
const FILE = "copy.txt";

/**
 * Makes a store with all results of an experiment.
 *
 * @param folder Where the store is made.
 * @param experiment Its stages are all of type `copy`.
 * @param bytes Whether the artifacts' bytes are written too; planning looks at records alone.
 */
export async function fillStore(
  folder: string,
  experiment: Experiment,
  bytes: boolean,
): Promise<void> {
  const store = await openStore(folder, { disk: { ...disk, flush: () => Promise.resolve() } });
  const planning = await Planning.begin(experiment, { store });
  const records = new Map<string, ActionRecord>();
  for (const node of planning.graph.nodes) {
    const resolved = planning.resolve(node, (id) => digestsOf(records.get(id)))!;
    const text = `output of ${node.id}\n`;
    const output = bytes ? await taken(store, resolved.key, text) : outputOf(text);
    const record = recordOf(node, experiment.name, resolved, output);
    Deno.writeTextFileSync(store.actionPath(resolved.key), JSON.stringify(record) + "\n");
    records.set(node.id, record);
  }
  planning.remember();
}

/** Writes an output and moves it in as a stage's would be. */
async function taken(store: Store, key: string, text: string): Promise<OutputRecord> {
  const scratch = `${store.root}/scratch/${key}`;
  Deno.mkdirSync(scratch);
  Deno.writeTextFileSync(`${scratch}/${FILE}`, text);
  const output = await store.takeTree(scratch, "text");
  Deno.removeSync(scratch, { recursive: true });
  return output;
}

function outputOf(text: string): OutputRecord {
  const size = text.length;
  const digest = treeDigest([{ name: FILE, size, digest: sha256(text) }]);
  return { type: "text", digest, bytes: size, files: 1 };
}

function recordOf(
  { id }: GraphNode,
  experiment: string,
  { key, manifest }: Resolved,
  copy: OutputRecord,
): ActionRecord {
  const now = new Date().toISOString();
  return {
    format: "action-record/1",
    key,
    manifest,
    outputs: { copy },
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
      experiment,
      stage: id,
    },
  };
}

/** Waits until files that were just written count as left alone, as an hour-old project's do. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, SETTLED_MS + 1000));
}
