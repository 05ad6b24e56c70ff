/**
 * The keys that each stage of an experiment had lately, so that a miss can be explained.
 *
 * @module
 */
import { sha256 } from "./fingerprint.ts";
import { readJson } from "./store/json_file.ts";
import type { Store } from "./store/store.ts";

const KEPT = 8;

/** Keys by stage id, latest first. */
export type StageKeys = Readonly<Record<string, readonly string[]>>;

function fileOf(store: Store, experiment: string): string {
  const name = experiment.replaceAll(/[^A-Za-z0-9_-]+/g, "-").slice(0, 60);
  return `${store.root}/latest/${name}-${sha256(experiment).slice(0, 8)}.json`;
}

/** The latest keys of an experiment's stages; empty where it never ran. */
export function readHistory(store: Store, experiment: string): StageKeys {
  return readJson<StageKeys>(fileOf(store, experiment)) ?? {};
}

/** Puts the keys of a run first. Writes nothing where they are first already. */
export async function writeHistory(
  store: Store,
  experiment: string,
  keys: Readonly<Record<string, string>>,
): Promise<void> {
  const before = readHistory(store, experiment);
  const after: Record<string, readonly string[]> = { ...before };
  let changed = false;
  for (const [id, key] of Object.entries(keys)) {
    if (before[id]?.[0] === key) continue;
    changed = true;
    after[id] = [key, ...(before[id] ?? []).filter((other) => other !== key)].slice(0, KEPT);
  }
  if (changed) await store.write(fileOf(store, experiment), JSON.stringify(after) + "\n");
}
