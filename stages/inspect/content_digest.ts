/**
 * SHA-256 of what lies at a path: of a file's bytes, as `sha256sum` says it, or of a folder's files as
 * the store names an artifact by, so that an exported folder can be found again in lineage.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { Looking } from "./inspection.ts";

/** Bytes read at once. */
const BLOCK = 1 << 20;

/** Hexadecimal SHA-256 of a file. */
export async function fileDigest(path: string): Promise<string> {
  return (await digestAndSize(path)).digest;
}

async function digestAndSize(
  path: string,
): Promise<{ readonly digest: string; readonly size: number }> {
  const hash = createHash("sha256");
  const buffer = new Uint8Array(BLOCK);
  let size = 0;
  using file = await Deno.open(path);
  for (;;) {
    const read = await file.read(buffer);
    if (read === null) break;
    hash.update(buffer.subarray(0, read));
    size += read;
  }
  return { digest: hash.digest("hex"), size };
}

/**
 * The digest of a folder as an artifact: SHA-256 of the list of its files, sorted by name, with sizes
 * and digests. Empty folders and what else is no file do not count.
 */
export async function folderDigest(
  folder: string,
  progress: Looking["progress"] = () => {},
): Promise<string> {
  const names = (await filesIn(folder, "")).sort();
  const files: [string, number, string][] = [];
  for (const name of names) {
    const { digest, size } = await digestAndSize(`${folder}/${name}`);
    files.push([name, size, digest]);
    progress(files.length, names.length, "files hashed");
  }
  const text = `${JSON.stringify({ format: "tree/1", files })}\n`;
  return createHash("sha256").update(text).digest("hex");
}

/** Relative names of the files below a folder. */
async function filesIn(folder: string, prefix: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(`${folder}/${prefix}`)) {
    const { isDirectory, isFile } = await Deno.stat(`${folder}/${prefix}${name}`);
    if (isDirectory) names.push(...await filesIn(folder, `${prefix}${name}/`));
    else if (isFile) names.push(`${prefix}${name}`);
  }
  return names;
}
