/**
 * Writes that are complete or absent: a temporary file in the same folder, flushed to the disk,
 * renamed into place, and the folder flushed too.
 *
 * @module
 */
import { dirname } from "node:path";
import { FREE_SPACE, isDiskFull } from "../full_disk.ts";
import { refusal } from "../unreadable.ts";

/** The store could not do what it was asked to; nothing recorded before is harmed. */
export class StoreError extends Error {
  override readonly name = "StoreError";
}

/** The few operations of a file system that a store's safety hangs on. Tests put faults in here. */
export interface Disk {
  /** Writes a new file and flushes it to the disk. */
  write(path: string, data: Uint8Array | string): Promise<void>;
  /** Moves a file into place, replacing what has the name. */
  rename(from: string, to: string): Promise<void>;
  /** Flushes a file's bytes, or a folder's list of names, to the disk. */
  flush(path: string): Promise<void>;
}

/** The real one. */
export const disk: Disk = {
  async write(path, data) {
    using file = await Deno.open(path, { write: true, createNew: true });
    const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
    for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
    await file.sync();
  },
  rename: (from, to) => Deno.rename(from, to),
  async flush(path) {
    using file = await Deno.open(path, { read: true });
    await file.sync();
  },
};

let counter = 0;

/** A name for a temporary file beside another, unlike that of any other process. */
export function temporaryName(path: string): string {
  return `${path}.${Deno.pid}-${counter++}-${crypto.randomUUID().slice(0, 8)}.tmp`;
}

/**
 * Writes a file so that a reader sees the old one, the new one, or none, and never a part.
 *
 * @throws {StoreError} If the disk is full or may not be written; the old file is then still there.
 */
export async function writeWhole(
  via: Disk,
  path: string,
  data: Uint8Array | string,
): Promise<void> {
  const temporary = temporaryName(path);
  try {
    await via.write(temporary, data);
    await via.rename(temporary, path);
    await via.flush(dirname(path));
  } catch (error) {
    await Deno.remove(temporary).catch(() => {});
    if (isDiskFull(error)) throw explained(error, dirname(path));
    throw new StoreError(`Cannot write ${path}: ${refusal(error)}.`, { cause: error });
  }
}

/**
 * A full disk, said in words; any other error as it is.
 *
 * @param path A folder on the disk that was written to.
 */
export function explained(error: unknown, path: string): unknown {
  if (!isDiskFull(error)) return error;
  return new StoreError(`The disk that holds ${path} is full. ${FREE_SPACE}`);
}
