/**
 * The folder of an action's work under way: `scratch/KEY/` with its `checkpoints/`, which outlive an
 * attempt, and one `attempt-N/` with `in/` and `out/`, which does not.
 *
 * @module
 */
import { basename } from "node:path";
import { currentCheckpoint, tidyCheckpoints } from "./checkpoint.ts";
import type { GraphNode } from "./graph.ts";
import type { ActionManifest } from "./manifest.ts";
import type { Store } from "./store/store.ts";

/** An attempt that is ready to start. */
export interface Attempt {
  readonly number: number;
  readonly folder: string;
  readonly checkpoints: string;
  readonly logFile: string;
  /** It goes on from a checkpoint. */
  readonly resumed: boolean;
  readonly inputs: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
  /** What the attempt's paths are called in messages, longest path first. */
  readonly names: ReadonlyMap<string, string>;
}

/** The log of an attempt at a key. */
export function logPath(store: Store, key: string, attempt: number): string {
  return `${store.root}/logs/${key}-${attempt}.log`;
}

/** Prepares an attempt. Only the holder of the key's lease may. */
export async function beginAttempt(
  store: Store,
  key: string,
  node: GraphNode,
  manifest: ActionManifest,
): Promise<Attempt> {
  const own = `${store.root}/scratch/${key}`;
  const checkpoints = `${own}/checkpoints`;
  await Deno.mkdir(checkpoints, { recursive: true });
  for await (const { name } of Deno.readDir(own)) {
    if (name.startsWith("attempt-")) await Deno.remove(`${own}/${name}`, { recursive: true });
  }
  await tidyCheckpoints(checkpoints);
  const number = await nextAttempt(store, key);
  const folder = `${own}/attempt-${number}`;
  await Deno.mkdir(`${folder}/in`, { recursive: true });

  const inputs: Record<string, string> = {};
  const names: [string, string][] = [[checkpoints, "checkpoints"]];
  for (const { name, binding } of node.inputs) {
    const place = `${folder}/in/${name}`;
    if (binding.kind === "external") {
      inputs[name] = `${place}/${basename(binding.path)}`;
      await Deno.mkdir(place);
      await Deno.symlink(binding.path, inputs[name]);
      names.push([inputs[name], binding.path]);
    } else {
      inputs[name] = place;
      await store.materialise(manifest.inputs[name]!.slice("tree:".length), place);
      names.push([place, name]);
    }
  }
  const outputs: Record<string, string> = {};
  for (const name of Object.keys(node.instance.definition.outputs)) {
    outputs[name] = `${folder}/out/${name}`;
    await Deno.mkdir(outputs[name], { recursive: true });
    names.push([outputs[name], name]);
  }
  return {
    number,
    folder,
    checkpoints,
    logFile: logPath(store, key, number),
    resumed: currentCheckpoint(checkpoints) !== undefined,
    inputs,
    outputs,
    names: new Map(names.sort(([a], [b]) => b.length - a.length)),
  };
}

/**
 * Removes what an attempt that came to nothing wrote, so that it takes no room on the disk. Its log and
 * the checkpoints stay.
 */
export async function endAttempt(attempt: Attempt): Promise<void> {
  await Deno.remove(attempt.folder, { recursive: true }).catch(() => {});
}

/** Removes all of a key's work under way, once its result is published. */
export async function endScratch(store: Store, key: string): Promise<void> {
  await Deno.remove(`${store.root}/scratch/${key}`, { recursive: true });
}

/** Makes the log file of the next attempt: its number is the first that has none. */
async function nextAttempt(store: Store, key: string): Promise<number> {
  for (let number = 1;; number++) {
    try {
      (await Deno.open(logPath(store, key, number), { write: true, createNew: true })).close();
      return number;
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    }
  }
}
