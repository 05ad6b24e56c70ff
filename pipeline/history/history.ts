/**
 * The keys that each stage of an experiment had lately, so that a miss can be explained.
 *
 * `latest/NAME.json` has a first line that says which list of stages was put in last: a run that had
 * the same reads no more of it and writes nothing.
 *
 * @module
 */
import { sha256 } from "../fingerprint.ts";
import { firstLine } from "./run_record.ts";
import type { Store } from "../store/store.ts";

const KEPT = 8;

/** Keys by stage id, latest first. */
export type StageKeys = Readonly<Record<string, readonly string[]>>;

/**
 * The latest keys of an experiment's stages; empty where it never ran.
 *
 * @param onDamage Told the path of the file if it cannot be read; there is no history then.
 */
export function readHistory(
  store: Store,
  experiment: string,
  onDamage: (path: string) => void = () => {},
): StageKeys {
  const path = fileOf(store, experiment);
  try {
    const { stages } = JSON.parse(Deno.readTextFileSync(path)) as { stages: StageKeys };
    if (typeof stages === "object" && stages !== null) return stages;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return {};
  }
  onDamage(path);
  return {};
}

/**
 * Puts the keys of a run first. Writes nothing where they are first already.
 *
 * @param keys By stage id, of the stages that have a result.
 * @param list The digest of the list of the run's stages, if all of them have a result.
 * @param onDamage Told the path of the file if it cannot be read; it begins anew then.
 */
export async function writeHistory(
  store: Store,
  experiment: string,
  keys: ReadonlyMap<string, string>,
  list: string | undefined,
  onDamage: (path: string) => void = () => {},
): Promise<void> {
  const path = fileOf(store, experiment);
  if (list !== undefined && list === lastList(path)) return;
  const before = readHistory(store, experiment, onDamage);
  const after = new Map(Object.entries(before));
  for (const [id, key] of keys) {
    const own = after.get(id) ?? [];
    if (own[0] !== key) after.set(id, [key, ...own.filter((o) => o !== key)].slice(0, KEPT));
  }
  const stages = JSON.stringify(Object.fromEntries(after));
  await store.write(path, `{"list":${JSON.stringify(list ?? null)},\n"stages":${stages}}\n`);
}

function lastList(path: string): string | undefined {
  try {
    return JSON.parse(`${firstLine(path).replace(/,$/, "")}}`).list;
  } catch {
    return undefined;
  }
}

function fileOf(store: Store, experiment: string): string {
  const name = experiment.replaceAll(/[^A-Za-z0-9_-]+/g, "-").slice(0, 60);
  return `${store.root}/latest/${name}-${sha256(experiment).slice(0, 8)}.json`;
}
