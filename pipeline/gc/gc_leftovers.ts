/**
 * What a collection takes away beside results: work that was cut short, logs, listings of code, what
 * verifying left, temporary files, old runs.
 *
 * @module
 */
import type { CollectionInput, Reason, Removal } from "./gc_plan.ts";
import { isBusy, isQuiet } from "../store_guard.ts";
import { storedClosures, type StoredFile, type StoredTree, treeOf } from "../store/inventory.ts";
import {
  storedLogs,
  storedScratch,
  storedVerifications,
  temporaryFiles,
} from "../store/work_inventory.ts";

/** How long a temporary file must have been left alone before nobody can be writing it any more. */
const LEFT_MS = 3_600_000;

/** What goes beside results; `wanted` are the keys of those that stay. */
export function leftovers(input: CollectionInput, wanted: ReadonlySet<string>): Removal[] {
  const { store, contents, roots, oldRuns, now } = input;
  const pending = new Set(roots.flatMap((root) => [...root.pending]));
  const one = (reason: Reason) => (file: StoredFile): Removal => ({
    reason,
    path: file.path,
    files: [file],
  });
  const all = (reason: Reason) => ({ path, files }: StoredTree): Removal => ({
    reason,
    path,
    files,
  });
  const removals: Removal[] = [];

  for (const scratch of storedScratch(store)) {
    if (isBusy(store, scratch.name)) continue;
    const { name, files, checkpoints } = scratch;
    if (contents.results.has(name) || !pending.has(name)) {
      const half = checkpoints.length > 0 && !contents.results.has(name);
      removals.push(all(half ? "checkpoints" : "scratch")(scratch));
    } else {
      const kept = new Set(checkpoints.flatMap((tree) => tree.files));
      removals.push(...files.filter((file) => !kept.has(file)).map(one("scratch")));
    }
  }
  for (const log of storedLogs(store)) {
    const stays = log.name === log.key && (wanted.has(log.key) || pending.has(log.key));
    if (!stays && !isBusy(store, log.name)) removals.push(one("logs")(log));
  }
  if (isQuiet(store)) {
    // A run at work has looked its code up, and names the listing when it is done.
    const hangs = new Set(roots.flatMap(({ closures }) => [...closures]));
    for (const key of wanted) {
      const code = contents.results.get(key)?.record.manifest.code;
      if (code !== undefined) hangs.add(code);
    }
    removals.push(
      ...storedClosures(store).filter(({ digest }) => !hangs.has(digest)).map(one("closures")),
    );
  }
  for (const { key, verdict, kept } of storedVerifications(store)) {
    if (isBusy(store, `verify-${key}`)) continue;
    removals.push(...kept.map(all("differing")));
    if (verdict && !wanted.has(key)) removals.push(one("differing")(verdict));
  }
  const temporary = temporaryFiles(store).filter(({ modified }) => now - modified > LEFT_MS);
  removals.push(...temporary.map(one("temporary")), ...oldRuns.map(one("runs")));
  removals.push(...treeOf(`${store.root}/damaged`).files.map(one("damaged")));
  return removals;
}
