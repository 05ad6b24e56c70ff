/**
 * What lies in a store, kind by kind, with sizes: for `gc`, `verify` and `lineage`. Results and their
 * bytes are here; work under way and what is left of it is in work_inventory.ts.
 *
 * Everything is listed as it is found, in the order of names, and read without a lock: a file that goes
 * while the list is made is left out. Sizes are those of the files' contents. Files that are hard links
 * of one another have one {@link StoredFile.inode}, so that their bytes can be counted once.
 *
 * @module
 */
import { readJson } from "./json_file.ts";
import type { ActionRecord } from "./record.ts";
import { recordFault } from "./record_shape.ts";

/** A store, as far as its inventory goes. */
export interface StoreFolder {
  /** Its absolute folder. */
  readonly root: string;
}

/** A file of a store. */
export interface StoredFile {
  /** Its absolute path. */
  readonly path: string;
  /** Its size. */
  readonly bytes: number;
  /** Names its bytes on the disk: the same for all hard links of one file. */
  readonly inode: string;
  /** How many names its bytes have, outside of the store too. */
  readonly links: number;
  /** When it was last written, in milliseconds, by the clock of the disk. */
  readonly modified: number;
}

/** The file of a blob or a tree. */
export interface StoredDigest extends StoredFile {
  /** Hex digest that its bytes should have. */
  readonly digest: string;
}

/** The file of an action's record. */
export interface StoredAction extends StoredFile {
  /** The action's key. */
  readonly key: string;
  /** False for a second result with other bytes, which no lookup finds. */
  readonly main: boolean;
}

/** A folder of a store with all files in it. */
export interface StoredTree {
  /** Its absolute folder. */
  readonly path: string;
  /** All files under it; symbolic links are not followed. */
  readonly files: readonly StoredFile[];
}

const ACTION = /^([0-9a-f]{64})(\.[0-9a-f]+)?\.json$/;
const DIGEST = /^[0-9a-f]{64}$/;

/** The records' files, without reading them. */
export function storedActions({ root }: StoreFolder): StoredAction[] {
  return named(`${root}/actions`, ACTION, ([, key, other], file) => ({
    ...file,
    key: key!,
    main: other === undefined,
  }));
}

/** A record that was read. */
export interface ReadAction {
  /** Its file. */
  readonly file: StoredAction;
  /** What it says; undefined where the file is damaged, or gone since it was listed. */
  readonly record: ActionRecord | undefined;
}

/** All records, one after the other. */
export function* storedRecords(store: StoreFolder): Generator<ReadAction> {
  for (const file of storedActions(store)) yield { file, record: readRecord(file) };
}

function readRecord({ path, key }: StoredAction): ActionRecord | undefined {
  try {
    const record = readJson<ActionRecord>(path);
    return record && recordFault(record, key) === undefined ? record : undefined;
  } catch {
    return undefined;
  }
}

/** The blobs. */
export function storedBlobs({ root }: StoreFolder): StoredDigest[] {
  return sharded(`${root}/blobs`);
}

/** The listings of artifacts. */
export function storedTrees({ root }: StoreFolder): StoredDigest[] {
  return sharded(`${root}/trees`);
}

/** The listings of code closures. */
export function storedClosures({ root }: StoreFolder): StoredDigest[] {
  return named(`${root}/closures`, /^([0-9a-f]{64})\.json$/, ([, digest], file) => ({
    ...file,
    digest: digest!,
  }));
}

/** All files under a folder, symbolic links not followed; the file itself where it is none. */
export function treeOf(path: string): StoredTree {
  const files: StoredFile[] = [];
  const collect = (path: string, isDirectory: boolean) => {
    if (isDirectory) {
      for (const entry of namesIn(path)) collect(`${path}/${entry.name}`, entry.isDirectory);
    } else {
      const file = fileAt(path);
      if (file) files.push(file);
    }
  };
  const info = infoOf(path);
  if (info) collect(path, info.isDirectory);
  return { path, files };
}

/** The files of a folder whose names have a form, in the order of their names. */
export function named<T>(
  folder: string,
  form: RegExp,
  make: (match: RegExpExecArray, file: StoredFile) => T,
): T[] {
  return namesIn(folder).flatMap(({ name, isDirectory }) => {
    const match = isDirectory ? null : form.exec(name);
    const file = match && fileAt(`${folder}/${name}`);
    return file ? [make(match, file)] : [];
  });
}

function sharded(folder: string): StoredDigest[] {
  return namesIn(folder).filter(({ isDirectory }) => isDirectory).flatMap(({ name: shard }) =>
    named(`${folder}/${shard}`, DIGEST, ([digest], file) => ({ ...file, digest: digest! }))
  );
}

/** The entries of a folder by name; none where there is no such folder. */
export function namesIn(folder: string): Deno.DirEntry[] {
  try {
    return [...Deno.readDirSync(folder)].sort((a, b) => a.name < b.name ? -1 : 1);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return [];
    }
    throw error;
  }
}

function fileAt(path: string): StoredFile | undefined {
  const info = infoOf(path);
  return info && {
    path,
    bytes: info.size,
    inode: `${info.dev}:${info.ino}`,
    links: info.nlink ?? 1,
    modified: info.mtime?.getTime() ?? 0,
  };
}

function infoOf(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
