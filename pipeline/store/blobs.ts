/**
 * Bytes by their digest: `FOLDER/ab/abcdef...`, read-only, written once.
 *
 * @module
 */
import { dirname } from "node:path";
import { hashFile, listFiles, type Tree, type TreeEntry } from "../tree.ts";
import { type Disk, explained, writeWhole } from "./disk.ts";

/** Whether a path exists. */
export function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** What is at the place of a digest's bytes. */
export type BlobState = "there" | "gone" | "damaged";

/** A folder of content-addressed bytes. */
export class Blobs {
  readonly #folder: string;
  readonly #disk: Disk;

  /** The folder of that absolute path; it need not exist. */
  constructor(folder: string, disk: Disk) {
    this.#folder = folder;
    this.#disk = disk;
  }

  /** Where the bytes of a digest are, or would be. */
  path(digest: string): string {
    return `${this.#folder}/${digest.slice(0, 2)}/${digest}`;
  }

  /**
   * Whether the bytes of a digest are there, as far as their number tells: cheap enough to be asked
   * before every use. What a file of the right size holds, {@link isSound} reads.
   */
  state(digest: string, size: number): BlobState {
    try {
      return Deno.lstatSync(this.path(digest)).size === size ? "there" : "damaged";
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return "gone";
      throw error;
    }
  }

  /** Whether the bytes of a digest are there and hash to it. */
  async isSound(digest: string): Promise<boolean> {
    try {
      return (await hashFile(this.path(digest))).digest === digest;
    } catch {
      return false;
    }
  }

  /** Stores bytes under the digest that the caller computed; damaged ones are replaced. */
  async put(digest: string, data: Uint8Array | string): Promise<void> {
    if (await this.isSound(digest)) return;
    const path = this.path(digest);
    await Deno.mkdir(dirname(path), { recursive: true });
    await writeWhole(this.#disk, path, data);
    await Deno.chmod(path, 0o444);
  }

  /**
   * Moves all files of a folder in and returns its tree. The folder must be on the store's file
   * system and nobody's but the caller's; files whose bytes are there already stay in it. Bytes
   * that are there and damaged are replaced.
   *
   * @throws {StoreError} If the disk is full.
   * @throws {Error} If the folder holds a symbolic link or a device.
   */
  async take(folder: string): Promise<Tree> {
    const tree: TreeEntry[] = [];
    const touched = new Set<string>();
    for (const name of await listFiles(folder, "refuse")) {
      const source = `${folder}/${name}`;
      const { digest, size } = await hashFile(source);
      tree.push({ name, size, digest });
      if (await this.isSound(digest)) continue;
      const path = this.path(digest);
      try {
        await Deno.mkdir(dirname(path), { recursive: true });
        await Deno.chmod(source, 0o444);
        await this.#disk.flush(source);
        await this.#disk.rename(source, path);
      } catch (error) {
        throw explained(error, this.#folder);
      }
      touched.add(dirname(path));
    }
    try {
      for (const path of touched) await this.#disk.flush(path);
      if (touched.size > 0) await this.#disk.flush(this.#folder);
    } catch (error) {
      throw explained(error, this.#folder);
    }
    return tree;
  }
}
