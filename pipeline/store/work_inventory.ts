/**
 * Work under way in a store, and what is left of work that ended: scratch folders, logs, what verifying
 * left, files that were being written.
 *
 * @module
 */
import {
  named,
  namesIn,
  type StoredFile,
  type StoredTree,
  type StoreFolder,
  treeOf,
} from "./inventory.ts";

/** The log of an attempt. */
export interface StoredLog extends StoredFile {
  /** The action's key. */
  readonly key: string;
  /** The lease that it was written under: the key, or `verify-KEY`. */
  readonly name: string;
}

/** What verifying an action left. */
export interface StoredVerification {
  /** The action's key. */
  readonly key: string;
  /** How often it was recomputed, and what came of it. */
  readonly verdict: StoredFile | undefined;
  /** Recomputed outputs that differ, and logs. */
  readonly kept: readonly StoredTree[];
}

/** The folder of an action's work under way, or what is left of it. */
export interface StoredScratch extends StoredTree {
  /** The lease it is worked on under: the action's key, or `verify-KEY`. */
  readonly name: string;
  /** The part that a later attempt goes on from; its files are among all files too. */
  readonly checkpoints: readonly StoredTree[];
}

const LOG = /^((?:verify-)?([0-9a-f]{64}))-\d+\.log$/;
const TEMPORARY = /\.tmp$/;
const CHECKPOINTS = /^(\/[^/]+)?\/checkpoints(?=\/)/;

/** The logs of attempts. */
export function storedLogs({ root }: StoreFolder): StoredLog[] {
  return named(`${root}/logs`, LOG, ([, name, key], file) => ({
    ...file,
    key: key!,
    name: name!,
  }));
}

/** Work under way, and what was left of work that failed or was cut short. */
export function storedScratch({ root }: StoreFolder): StoredScratch[] {
  return namesIn(`${root}/scratch`).filter(({ isDirectory }) => isDirectory).map(({ name }) => {
    const all = treeOf(`${root}/scratch/${name}`);
    const checkpoints = new Map<string, StoredFile[]>();
    for (const file of all.files) {
      const path = CHECKPOINTS.exec(file.path.slice(all.path.length))?.[0];
      if (path === undefined) continue;
      const known = checkpoints.get(path);
      if (known) known.push(file);
      else checkpoints.set(path, [file]);
    }
    return {
      ...all,
      name,
      checkpoints: [...checkpoints].map(([path, files]) => ({ path: all.path + path, files })),
    };
  });
}

/** What verifying left, by the action's key. */
export function storedVerifications({ root }: StoreFolder): StoredVerification[] {
  return namesIn(`${root}/verified`).map(({ name: key }) => {
    const folder = `${root}/verified/${key}`;
    const [verdict] = treeOf(`${folder}/verdict.json`).files;
    return {
      key,
      verdict,
      kept: namesIn(folder)
        .filter(({ name }) => name !== "verdict.json")
        .map(({ name }) => treeOf(`${folder}/${name}`)),
    };
  });
}

/** Files that were being written when their writers ended, or are being written now. */
export function temporaryFiles({ root }: StoreFolder): StoredFile[] {
  const flat = [
    "",
    "/actions",
    "/closures",
    "/devices",
    "/latest",
    "/leases",
    "/logs",
    "/runs",
    "/runs/stages",
  ];
  const folders = [
    ...flat.map((name) => `${root}${name}`),
    ...["blobs", "trees", "local"].flatMap((name) =>
      namesIn(`${root}/${name}`).map((entry) => `${root}/${name}/${entry.name}`)
    ),
  ];
  return folders.flatMap((folder) => named(folder, TEMPORARY, (_, file) => file));
}
