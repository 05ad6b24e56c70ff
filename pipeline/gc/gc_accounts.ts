/**
 * The accounts of a collection: how many bytes stay for what, and how many are freed by what.
 *
 * @module
 */
import type { StoreContents, StoredResult } from "./gc_contents.ts";
import type { Reason, Removal } from "./gc_plan.ts";
import type { GcRoot } from "./gc_roots.ts";
import type { StoredFile } from "../store/inventory.ts";

/** What is kept for a root. */
export interface KeptRow {
  /** What the root is called. */
  readonly root: string;
  /** Its results that the store has. */
  readonly results: number;
  /** Bytes beyond those kept for the roots before it. */
  readonly bytes: number;
}

/** The results of a root that the store has. */
export function resultsOf({ results }: StoreContents, { keys }: GcRoot): StoredResult[] {
  return [...keys].flatMap((key) => results.get(key) ?? []);
}

/** What is kept for each root, in their order; bytes count for the first that needs them. */
export function keptRows(
  contents: StoreContents,
  roots: readonly GcRoot[],
  wanted: ReadonlySet<string>,
  whole: ReadonlySet<string>,
): KeptRow[] {
  const counted = new Set<string>();
  const bytesOf = (file: StoredFile | undefined) => {
    if (!file || counted.has(file.inode)) return 0;
    counted.add(file.inode);
    return file.bytes;
  };
  const bytesOfResult = ({ file, record }: StoredResult) => {
    let bytes = bytesOf(file);
    for (const { digest } of Object.values(record.outputs)) {
      const tree = contents.trees.get(digest);
      bytes += bytesOf(tree?.file);
      if (!whole.has(digest)) continue;
      for (const blob of tree?.blobs ?? []) bytes += bytesOf(contents.blobs.get(blob));
    }
    return bytes;
  };
  const seen = new Set<string>();
  const rows = roots.map((root) => {
    const own = resultsOf(contents, root);
    for (const { file } of own) seen.add(file.key);
    return {
      root: root.name,
      results: own.length,
      bytes: own.reduce((sum, result) => sum + bytesOfResult(result), 0),
    };
  });
  const accepted = [...wanted].filter((key) => !seen.has(key))
    .flatMap((key) => contents.results.get(key) ?? []);
  if (accepted.length > 0) {
    const bytes = accepted.reduce((sum, result) => sum + bytesOfResult(result), 0);
    rows.push({ root: "results that were accepted for those", results: accepted.length, bytes });
  }
  return rows;
}

/** Bytes that go with each reason: those of a file count when its last name goes. */
export function freedBytes(removals: readonly Removal[]): Map<Reason, number> {
  const removed = new Map<string, number>();
  const freed = new Map<Reason, number>();
  for (const { reason, files } of removals) {
    for (const { inode, links, bytes } of files) {
      const names = (removed.get(inode) ?? 0) + 1;
      removed.set(inode, names);
      if (names === links) freed.set(reason, (freed.get(reason) ?? 0) + bytes);
    }
  }
  return freed;
}

/** The commonest of some names, in a line. */
export function commonest(names: ReadonlyMap<string, number> | undefined): string {
  const sorted = [...names ?? []].sort(([, a], [, b]) => b - a);
  const shown = sorted.slice(0, 4).map(([name, count]) => `${name} (${count})`);
  return sorted.length > 4 ? `${shown.join(", ")}, ...` : shown.join(", ");
}
