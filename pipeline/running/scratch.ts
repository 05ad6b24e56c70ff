/**
 * The folder of an action's work under way: `scratch/KEY/`, with one `attempt-N/` for each attempt that
 * did not come to its end: `in/` and `out/`, which go with it, and `checkpoints/`, which stay for the
 * next one.
 *
 * A new attempt first renames the folders of all earlier ones. Should a process of such an attempt live
 * after all (its runner was suspended and taken for dead), every path it knows is gone from then on: it
 * can write nothing that the new attempt reads.
 *
 * @module
 */
import { basename } from "node:path";
import { endUnfinished } from "./attempt_history.ts";
import { currentCheckpoint, tidyCheckpoints } from "./checkpoint.ts";
import type { GraphNode } from "../graph.ts";
import { claim } from "./lease.ts";
import type { ActionManifest } from "../manifest.ts";
import { temporaryName } from "../store/disk.ts";
import type { Store } from "../store/store.ts";

/** An attempt that is ready to start. */
export interface Attempt {
  /** Of the attempts at its key, from 1. */
  readonly number: number;
  /** Where all of it lies. */
  readonly folder: string;
  /** Where it saves its checkpoints, and finds the one it goes on from. */
  readonly checkpoints: string;
  /** The file of its log. */
  readonly logFile: string;
  /** It goes on from a checkpoint. */
  readonly resumed: boolean;
  /** Paths by name. */
  readonly inputs: Readonly<Record<string, string>>;
  /** Folders by name. */
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
  await Deno.mkdir(own, { recursive: true });
  const number = await nextAttempt(store, key);
  endUnfinished((n) => logPath(store, key, n), number);
  const folder = `${own}/attempt-${number}`;
  const checkpoints = `${folder}/checkpoints`;
  await Deno.mkdir(`${folder}/in`, { recursive: true });
  await adoptCheckpoints(own, folder);

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
 * its current checkpoint stay.
 */
export async function endAttempt(attempt: Attempt): Promise<void> {
  try {
    const kept = currentCheckpoint(attempt.checkpoints) ? "checkpoints" : undefined;
    for await (const { name } of Deno.readDir(attempt.folder)) {
      if (name !== kept) await Deno.remove(`${attempt.folder}/${name}`, { recursive: true });
    }
    if (kept) await tidyCheckpoints(attempt.checkpoints);
    else await Deno.remove(attempt.folder);
  } catch {
    return; // Taken over by another attempt, or a disk that fails: the next attempt tidies up.
  }
}

/**
 * Removes all of a key's work under way, once its result is published. What cannot be removed now is
 * an orphan that the collection of garbage finds.
 */
export async function endScratch(store: Store, key: string): Promise<void> {
  await discard(`${store.root}/scratch/${key}`);
}

/**
 * Removes what was left of work on results that are published: their runners ended before they could.
 *
 * @param published Whether a key's result is.
 */
export async function tidyScratch(
  store: Store,
  published: (key: string) => boolean,
): Promise<void> {
  try {
    for (const { name } of [...Deno.readDirSync(`${store.root}/scratch`)]) {
      const key = name.split(".")[0]!;
      if (!published(key)) continue;
      let looks = 0;
      const lease = await claim(store, key, { settled: () => looks++ === 2 });
      if (lease) await discard(`${store.root}/scratch/${name}`);
      await lease?.release();
    }
  } catch {
    return; // A store that may only be read, or a disk that fails: nothing hangs on it.
  }
}

/** Moves the latest checkpoint of all earlier attempts into a new one, and removes the rest of them. */
async function adoptCheckpoints(own: string, folder: string): Promise<void> {
  const left: { readonly path: string; readonly number: number }[] = [];
  for (const { name } of [...Deno.readDirSync(own)]) {
    if (name === basename(folder)) continue;
    const path = temporaryName(`${own}/left`);
    await Deno.rename(`${own}/${name}`, path);
    left.push({ path, number: currentCheckpoint(`${path}/checkpoints`)?.number ?? 0 });
  }
  left.sort((a, b) => b.number - a.number);
  if (left[0]?.number) {
    await Deno.rename(`${left[0].path}/checkpoints`, `${folder}/checkpoints`);
    await tidyCheckpoints(`${folder}/checkpoints`);
  } else {
    await Deno.mkdir(`${folder}/checkpoints`);
  }
  for (const { path } of left) await discard(path);
}

async function discard(path: string): Promise<void> {
  const aside = temporaryName(path);
  try {
    await Deno.rename(path, aside);
    await Deno.remove(aside, { recursive: true });
  } catch {
    return;
  }
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
