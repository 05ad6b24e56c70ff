/**
 * The store: results of actions by key, and bytes by digest.
 *
 * Layout: `actions/KEY.json` (one small file is all that a lookup reads), `blobs/` and `trees/` (by
 * digest, read-only), `closures/` (listings of code closures), `devices/` (classes of device with
 * results), `leases/`, `scratch/KEY/` (work under way), `logs/KEY-ATTEMPT.log`, `runs/` and `latest/`
 * (history), `local/MACHINE/` (caches of one machine, lost without harm). A record stands for its
 * outputs' digests even when their bytes are gone.
 *
 * @module
 */
import { resolve } from "node:path";
import { fingerprint, sha256 } from "../fingerprint.ts";
import { isDiskFull } from "../full_disk.ts";
import { refusal } from "../unreadable.ts";
import { parseTree, type Tree, treeBytes, treeDigest, type TreeEntry, treeText } from "../tree.ts";
import { Blobs, exists } from "./blobs.ts";
import { rememberDevice } from "./device_classes.ts";
import { type Disk, disk as realDisk, StoreError, temporaryName, writeWhole } from "./disk.ts";
import { otherBytes } from "./conflict.ts";
import { prepareFolder, unusable } from "./folder.ts";
import { readJson } from "./json_file.ts";
import { layTree, type Placer, SET_ASIDE } from "./laid_tree.ts";
import { makeLocalFolder } from "./local_folder.ts";
import { machineName } from "./machine.ts";
import type { ActionRecord, OutputRecord } from "./record.ts";
import { recordFault } from "./record_shape.ts";

export { StoreError } from "./disk.ts";
export type { ActionRecord, OutputRecord, Provenance } from "./record.ts";

/** How a store is opened. */
export interface StoreOptions {
  /** Where faults are put in by tests. */
  readonly disk?: Disk;
  /** The folder for caches of this machine (default `local/MACHINE` in the store). */
  readonly local?: string;
}

/**
 * Opens a store, and makes it where there is none.
 *
 * @param folder Its folder.
 * @throws {StoreError} If the folder cannot be made, holds something else or a store of another
 * version. One that may only be read is opened; see {@link Store.assertWritable}.
 */
export async function openStore(folder: string, options: StoreOptions = {}): Promise<Store> {
  const root = resolve(folder);
  const via = options.disk ?? realDisk;
  try {
    await prepareFolder(root, via);
  } catch (error) {
    throw unusable(root, error);
  }
  const wanted = options.local ?? `${root}/local/${machineName()}`;
  const local = await makeLocalFolder(root, wanted);
  return new Store(root, local, via);
}

/** An open store. Made by {@link openStore}. */
export class Store {
  /** Its absolute folder. */
  readonly root: string;
  /** The folder for caches of this machine alone. */
  readonly local: string;
  readonly #disk: Disk;
  readonly #blobs: Blobs;
  readonly #trees: Blobs;

  constructor(root: string, local: string, via: Disk) {
    this.root = root;
    this.local = local;
    this.#disk = via;
    this.#blobs = new Blobs(`${root}/blobs`, via);
    this.#trees = new Blobs(`${root}/trees`, via);
  }

  /**
   * Makes sure that work can be kept here.
   *
   * @throws {StoreError} If the folder may only be read.
   */
  async assertWritable(): Promise<void> {
    const probe = temporaryName(`${this.root}/scratch/probe`);
    try {
      await Deno.writeTextFile(probe, "");
      await Deno.remove(probe);
    } catch (error) {
      throw unusable(this.root, error);
    }
  }

  /** Whether nothing can be kept here. */
  async isReadOnly(): Promise<boolean> {
    try {
      await this.assertWritable();
      return false;
    } catch (error) {
      if (isDiskFull(error)) return false;
      return true;
    }
  }

  /** Where the record of an action is, or would be. */
  actionPath(key: string): string {
    return `${this.root}/actions/${key}.json`;
  }

  /**
   * The record of an action, or undefined if it was never computed.
   *
   * @throws {StoreError} If the file is damaged.
   */
  readAction(key: string): ActionRecord | undefined {
    const path = this.actionPath(key);
    const record = readJson<ActionRecord>(path);
    const fault = record === undefined ? undefined : recordFault(record, key);
    if (fault === undefined) return record;
    throw new StoreError(`${path} is damaged: ${fault}. ${SET_ASIDE}`);
  }

  /**
   * Publishes a record. Publishing the same result again is no change.
   *
   * @throws {StoreError} If the key is there with other outputs: the stage does not yield the same
   * bytes from the same inputs. The record is then kept beside the other, and both are named.
   */
  async writeAction(record: ActionRecord): Promise<void> {
    const path = this.actionPath(record.key);
    const earlier = this.readAction(record.key);
    const text = JSON.stringify(record) + "\n";
    const other = earlier && otherBytes(earlier, record);
    if (other) {
      const beside = `${this.root}/actions/${record.key}.${other.digest.slice(0, 12)}.json`;
      await writeWhole(this.#disk, beside, text);
      throw new StoreError(other.message(path, beside));
    }
    // First, so that every result's class is listed.
    if (record.manifest.device !== undefined) await rememberDevice(this, record.manifest.device);
    await writeWhole(this.#disk, path, text);
  }

  /** Moves the files of a folder in as an artifact. See {@link Blobs.take}. */
  async takeTree(folder: string, type: string): Promise<OutputRecord> {
    const tree = await this.#blobs.take(folder);
    const digest = treeDigest(tree);
    await this.#trees.put(digest, treeText(tree));
    return { type, digest, bytes: treeBytes(tree), files: tree.length };
  }

  /**
   * The tree of a digest, or undefined if it is not here.
   *
   * @throws {StoreError} If it is damaged.
   */
  readTree(digest: string): Tree | undefined {
    const path = this.#trees.path(digest);
    let text;
    try {
      text = Deno.readTextFileSync(path);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
    if (sha256(text) === digest) return parseTree(text);
    throw new StoreError(`The list of an artifact's files, ${path}, is damaged. ${SET_ASIDE}`);
  }

  /** Whether all bytes of an artifact are here; bytes that are too many or too few are not. */
  hasBytes(digest: string): boolean {
    const tree = this.#soundTree(digest);
    return tree !== undefined &&
      tree.every((entry) => this.#blobs.state(entry.digest, entry.size) === "there");
  }

  /** Whether the bytes of a file of a tree are here and hash to its digest; reads all of them. */
  isSound(entry: TreeEntry): Promise<boolean> {
    return this.#blobs.isSound(entry.digest);
  }

  #soundTree(digest: string): Tree | undefined {
    try {
      return this.readTree(digest);
    } catch (error) {
      if (error instanceof StoreError) return undefined;
      throw error;
    }
  }

  /** Where the bytes of a file of a tree are. */
  blobPath(digest: string): string {
    return this.#blobs.path(digest);
  }

  /**
   * Makes a folder that holds an artifact by hard links to the store's read-only bytes. The folder
   * must be on the store's file system and must never be given to anyone who may write in it.
   *
   * @throws {StoreError} If some of the bytes are gone, or too many or too few.
   */
  async materialise(digest: string, folder: string): Promise<void> {
    await this.#lay(digest, folder, async (from, to) => {
      try {
        await Deno.link(from, to);
      } catch {
        await Deno.copyFile(from, to);
      }
    });
  }

  /**
   * Copies an artifact's files out, as ordinary writable files.
   *
   * @param folder A folder that is new or empty.
   * @throws {StoreError} If the folder is not empty, or some of the bytes are gone.
   */
  async exportTree(digest: string, folder: string): Promise<void> {
    if (exists(folder)) {
      if (!Deno.statSync(folder).isDirectory) {
        throw new StoreError(`${folder} is a file; name a folder that is new or empty.`);
      }
      for await (const { name } of Deno.readDir(folder)) {
        throw new StoreError(`${folder} is not empty (it has ${name}); name a new folder.`);
      }
    }
    try {
      await this.#lay(digest, folder, async (from, to) => {
        await Deno.copyFile(from, to);
        await Deno.chmod(to, 0o644);
      });
    } catch (error) {
      if (error instanceof StoreError) throw error;
      throw new StoreError(`Cannot write into ${folder}: ${refusal(error)}.`, { cause: error });
    }
  }

  async #lay(digest: string, folder: string, place: Placer): Promise<void> {
    const tree = this.readTree(digest);
    if (!tree) throw new StoreError(`The store has no artifact ${digest}.`);
    await layTree(tree, this.#blobs, folder, place);
  }

  /** Keeps the listing behind a code digest, so that two keys can be compared later. */
  async writeClosure(digest: string, listing: unknown): Promise<void> {
    const path = `${this.root}/closures/${digest}.json`;
    if (!exists(path)) await this.writeIfWritable(path, JSON.stringify(listing) + "\n");
  }

  /** Whether the listing behind a code digest is here. */
  hasClosure(digest: string): boolean {
    return exists(`${this.root}/closures/${digest}.json`);
  }

  /**
   * The listing behind a code digest, if it is known here.
   *
   * @throws {StoreError} If the file is damaged.
   */
  readClosure<T>(digest: string): T | undefined {
    const path = `${this.root}/closures/${digest}.json`;
    const listing = readJson<T>(path);
    if (listing === undefined || fingerprint(listing) === digest) return listing;
    throw new StoreError(`${path} is damaged: it lists other code. ${SET_ASIDE}`);
  }

  /** Writes a file of the store's whole or not at all. */
  write(path: string, data: string): Promise<void> {
    return writeWhole(this.#disk, path, data);
  }

  /** Writes a file that can be done without, unless the store may only be read. */
  async writeIfWritable(path: string, data: string): Promise<void> {
    try {
      await this.write(path, data);
    } catch (error) {
      if (!await this.isReadOnly()) throw error;
    }
  }
}
