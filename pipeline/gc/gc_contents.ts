/**
 * A store's results with the artifacts and bytes they stand for, read once for a collection.
 *
 * @module
 */
import {
  type StoredAction,
  storedBlobs,
  type StoredDigest,
  storedRecords,
  storedTrees,
} from "../store/inventory.ts";
import type { ActionRecord } from "../store/record.ts";
import type { Store } from "../store/store.ts";
import { parseTree } from "../tree.ts";

/** A result with its file. */
export interface StoredResult {
  /** The file of the record. */
  readonly file: StoredAction;
  /** What it says. */
  readonly record: ActionRecord;
}

/** What a store holds of results. */
export interface StoreContents {
  /** By key. */
  readonly results: ReadonlyMap<string, StoredResult>;
  /** Second results of keys, with other bytes. */
  readonly others: readonly StoredResult[];
  /** Files of records that cannot be read. */
  readonly damaged: readonly StoredAction[];
  /** Listings of artifacts by digest, with the digests of their files. */
  readonly trees: ReadonlyMap<string, { readonly file: StoredDigest; readonly blobs: string[] }>;
  /** By digest. */
  readonly blobs: ReadonlyMap<string, StoredDigest>;
}

/** Reads a store. */
export function readContents(store: Store): StoreContents {
  const results = new Map<string, StoredResult>();
  const others: StoredResult[] = [];
  const damaged: StoredAction[] = [];
  for (const { file, record } of storedRecords(store)) {
    if (!record?.manifest || !record.outputs || !record.provenance) damaged.push(file);
    else if (file.main) results.set(file.key, { file, record });
    else others.push({ file, record });
  }
  const trees = new Map(
    storedTrees(store).map((file) => [
      file.digest,
      { file, blobs: blobsOf(file.path) },
    ]),
  );
  return {
    results,
    others,
    damaged,
    trees,
    blobs: new Map(storedBlobs(store).map((file) => [file.digest, file])),
  };
}

/** The digests that a listing names; none where it is damaged, since nobody can use it then. */
function blobsOf(path: string): string[] {
  try {
    return parseTree(Deno.readTextFileSync(path)).map(({ digest }) => digest);
  } catch {
    return [];
  }
}
