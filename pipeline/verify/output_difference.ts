/**
 * Compares what a recomputation gave with what was published: every output, metric and fact.
 *
 * @module
 */
import { byteDifference } from "./byte_difference.ts";
import type { Statements } from "../running/computation.ts";
import { canonicalText } from "../fingerprint.ts";
import type { ActionRecord, Store } from "../store/store.ts";
import { hashFile, listFiles, type Tree, treeDigest, type TreeEntry } from "../tree.ts";
import type { FileComparer } from "../types.ts";
import type { FileDifference, StageDifference } from "./verification.ts";

/** Files of one output that are described. */
const DESCRIBED = 3;

/** Reads a folder's files as a tree and leaves them where they are. */
export async function treeOfFolder(folder: string): Promise<Tree> {
  const tree: TreeEntry[] = [];
  for (const name of await listFiles(folder, "refuse")) {
    tree.push({ name, ...await hashFile(`${folder}/${name}`) });
  }
  return tree;
}

/** What is compared with a record. */
export interface Recomputed {
  /** Folders of the outputs by name. */
  readonly folders: Readonly<Record<string, string>>;
  /** What the stage stated. */
  readonly said: Pick<Statements, "metrics" | "facts">;
}

/**
 * All that differs, in the order of outputs, then metrics, then facts.
 *
 * @param compareFiles Says how two files differ in the words of their format; without it, or where it
 * does not know the format, the first byte that differs is told.
 * @throws {Error} If an output's folder holds a symbolic link or a device.
 */
export async function differencesFrom(
  record: ActionRecord,
  { folders, said }: Recomputed,
  store: Store,
  compareFiles?: FileComparer,
): Promise<StageDifference[]> {
  const found: StageDifference[] = [];
  for (const [name, { digest }] of Object.entries(record.outputs)) {
    const folder = folders[name]!;
    const tree = await treeOfFolder(folder);
    const recomputed = treeDigest(tree);
    if (recomputed === digest) continue;
    const published = publishedTree(store, digest);
    const changed = published && changedEntries(published, tree);
    const files: FileDifference[] = [];
    for (const [before, after] of changed?.slice(0, DESCRIBED) ?? []) {
      files.push(await fileDifference(before, after, folder, store, compareFiles));
    }
    found.push({
      kind: "output",
      name,
      published: digest,
      recomputed,
      files,
      ...(changed ? { differing: changed.length } : {}),
    });
  }
  found.push(...stated("metric", record.metrics, said.metrics));
  found.push(...stated("facts", record.facts, said.facts));
  return found;
}

function publishedTree(store: Store, digest: string): Tree | undefined {
  try {
    return store.readTree(digest);
  } catch {
    return undefined;
  }
}

type Pair = readonly [TreeEntry | undefined, TreeEntry | undefined];

/** The entries of two trees that are not the same, by name. */
function changedEntries(published: Tree, recomputed: Tree): Pair[] {
  const before = new Map(published.map((entry) => [entry.name, entry]));
  const after = new Map(recomputed.map((entry) => [entry.name, entry]));
  return [...new Set([...before.keys(), ...after.keys()])].sort()
    .map((name) => [before.get(name), after.get(name)] as const)
    .filter(([a, b]) => a?.digest !== b?.digest);
}

async function fileDifference(
  before: TreeEntry | undefined,
  after: TreeEntry | undefined,
  folder: string,
  store: Store,
  compareFiles: FileComparer | undefined,
): Promise<FileDifference> {
  if (!before) return { name: after!.name, text: "only in the recomputed output" };
  const { name } = before;
  if (!after) return { name, text: "only in the published output" };
  const published = store.blobPath(before.digest);
  const digests = `${before.digest.slice(0, 12)} / ${after.digest.slice(0, 12)}`;
  let found;
  try {
    found = await hashFile(published);
  } catch {
    return { name, text: `${digests}; the published bytes are gone, so that is all there is` };
  }
  if (found.digest !== before.digest) {
    return { name, text: `${digests}; the published bytes are damaged, so that is all there is` };
  }
  const recomputed = `${folder}/${name}`;
  const text = await compareFiles?.(name, published, recomputed) ??
    await byteDifference(published, recomputed);
  return { name, text };
}

/** Differences of what a stage states: as they are stored, in JSON, which knows no NaN. */
function stated(
  kind: "metric" | "facts",
  published: Readonly<Record<string, unknown>>,
  said: Readonly<Record<string, unknown>>,
): StageDifference[] {
  const recomputed = JSON.parse(JSON.stringify(said)) as Record<string, unknown>;
  return [...new Set([...Object.keys(published), ...Object.keys(recomputed)])].sort()
    .flatMap((name) => {
      const [a, b] = [published[name], recomputed[name]];
      if (a !== undefined && b !== undefined && canonicalText(a) === canonicalText(b)) return [];
      return [{ kind, name, text: `${statedText(a)} / ${statedText(b)}` }];
    });
}

function statedText(value: unknown): string {
  return value === undefined ? "not stated" : JSON.stringify(value);
}
