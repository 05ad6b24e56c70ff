/**
 * The digests of the user's and the project's files, remembered so that a file is read again only
 * when it may have changed.
 *
 * An entry is trusted while the file's stamp is what it was (file_stamp.ts says why that is safe). The
 * index belongs to one machine, and is lost without harm.
 *
 * @module
 */
import { dirname } from "node:path";
import { isSettled, stampOf } from "./file_stamp.ts";
import { sha256 } from "./fingerprint.ts";
import { hashFile, listFiles, type Tree } from "./tree.ts";
import { unreadable } from "./unreadable.ts";

/** Remembers digests of files across runs. */
export class FileIndex {
  readonly #folder: string;
  readonly #rehash: boolean;
  readonly #shards = new Map<string, Shard>();

  /**
   * Opens an index.
   *
   * @param folder A folder of this machine alone, where the index is kept.
   * @param rehash Read every file afresh (and remember what was found).
   */
  constructor(folder: string, rehash = false) {
    this.#folder = folder;
    this.#rehash = rehash;
  }

  /**
   * The hex SHA-256 of a file's bytes, and its size.
   *
   * @param path An absolute path.
   * @param shard Files that are asked for together share a name here: they are kept in one file.
   * @throws {Deno.errors.NotFound} If there is no such file.
   */
  async file(path: string, shard: string): Promise<{ digest: string; size: number }> {
    const info = Deno.statSync(path);
    const known = this.remembered(path, shard, info);
    if (known) return known;
    const entries = this.#shard(shard).entries;
    const stamp = stampOf(info);
    const now = Date.now();
    const { digest, size } = await hashFile(path);
    this.#shard(shard).changed = true;
    if (isSettled(info, now) && stampOf(Deno.statSync(path)) === stamp) {
      entries.set(path, { stamp, digest, size });
    } else {
      entries.delete(path);
    }
    return { digest, size };
  }

  /**
   * What {@link file} would give without reading the file; undefined where it would have to be read.
   *
   * @param info What the file system says of it now.
   */
  remembered(
    path: string,
    shard: string,
    info: Deno.FileInfo,
  ): { digest: string; size: number } | undefined {
    const known = this.#shard(shard).entries.get(path);
    return known?.stamp === stampOf(info) ? known : undefined;
  }

  /**
   * The tree of a folder of the user's: all files in it, links followed.
   *
   * @param path An absolute path.
   * @throws {Error} If something in it cannot be read, which it names.
   */
  async folder(path: string): Promise<Tree> {
    const shard = `folder-${sha256(path).slice(0, 16)}`;
    const names = await listFiles(path, "follow");
    const tree = [];
    for (const name of names) {
      const found = await this.file(`${path}/${name}`, shard).catch((error) => {
        throw unreadable(`${path}/${name}`, error);
      });
      tree.push({ name, ...found });
    }
    return tree.map(({ name, size, digest }) => ({ name, size, digest }));
  }

  /** Writes down what was learnt. A failure to do so costs time later and nothing else. */
  save(): void {
    for (const [name, shard] of this.#shards) {
      if (!shard.changed) continue;
      const text = [...shard.entries]
        .map(([path, { stamp, digest, size }]) => JSON.stringify([path, stamp, digest, size]))
        .join("\n");
      const file = this.#file(name);
      const temporary = `${file}.${Deno.pid}.tmp`;
      try {
        Deno.mkdirSync(dirname(file), { recursive: true });
        Deno.writeTextFileSync(temporary, text);
        Deno.renameSync(temporary, file);
        shard.changed = false;
      } catch {
        remove(temporary);
      }
    }
  }

  #file(shard: string): string {
    return `${this.#folder}/files-${shard}.ndjson`;
  }

  #shard(name: string): Shard {
    let shard = this.#shards.get(name);
    if (!shard) {
      shard = { entries: this.#rehash ? new Map() : read(this.#file(name)), changed: false };
      this.#shards.set(name, shard);
    }
    return shard;
  }
}

interface Entry {
  readonly stamp: string;
  readonly digest: string;
  readonly size: number;
}

interface Shard {
  readonly entries: Map<string, Entry>;
  changed: boolean;
}

function remove(file: string): void {
  try {
    Deno.removeSync(file);
  } catch {
    // It was never made.
  }
}

function read(file: string): Map<string, Entry> {
  const entries = new Map<string, Entry>();
  try {
    for (const line of Deno.readTextFileSync(file).split("\n")) {
      const [path, stamp, digest, size] = JSON.parse(line) as [string, string, string, number];
      entries.set(path, { stamp, digest, size });
    }
  } catch {
    entries.clear();
  }
  return entries;
}
