/**
 * An artifact's tree: the sorted relative names of its files with their sizes and digests.
 *
 * Folders exist by the files in them, so an empty folder is no part of a tree; times, owners and
 * modes are not either.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { sha256 } from "./fingerprint.ts";
import { unreadable } from "./unreadable.ts";

/** A file of a tree. */
export interface TreeEntry {
  /** Relative name with `/` between folders. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Hex SHA-256 of the bytes. */
  readonly digest: string;
}

/** The files of an artifact, sorted by name (UTF-16 code units). */
export type Tree = readonly TreeEntry[];

/** The text that is hashed and stored for a tree: one file a line. */
export function treeText(tree: Tree): string {
  return JSON.stringify({ format: "tree/1", files: tree.map((e) => [e.name, e.size, e.digest]) }) +
    "\n";
}

/** The digest of a tree: the hex SHA-256 of its text. */
export function treeDigest(tree: Tree): string {
  return sha256(treeText(tree));
}

/** Reads back what {@link treeText} wrote. */
export function parseTree(text: string): Tree {
  const { files } = JSON.parse(text) as { files: [string, number, string][] };
  return files.map(([name, size, digest]) => ({ name, size, digest }));
}

/** The sum of the sizes of a tree's files, in bytes. */
export function treeBytes(tree: Tree): number {
  return tree.reduce((sum, entry) => sum + entry.size, 0);
}

/**
 * The relative names of all files under a folder, sorted.
 *
 * @param links What to do with symbolic links: `follow` them, or `refuse` them with an error.
 * @throws {Error} For a link that is refused or goes round in a circle, and for anything that is
 * neither a file nor a folder.
 */
export async function listFiles(folder: string, links: "follow" | "refuse"): Promise<string[]> {
  const names: string[] = [];
  await collect(folder, "", links, [await Deno.realPath(folder)], names);
  return names.sort();
}

/** What is in a folder. */
async function entriesOf(folder: string): Promise<Deno.DirEntry[]> {
  try {
    return await Array.fromAsync(Deno.readDir(folder));
  } catch (error) {
    throw unreadable(folder, error);
  }
}

/** What a link leads to. */
async function linked(path: string): Promise<Deno.FileInfo> {
  try {
    return await Deno.stat(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw unreadable(path, error);
    throw new Error(`${path} is a link that leads nowhere; take it away, or restore its target`);
  }
}

async function collect(
  root: string,
  prefix: string,
  links: "follow" | "refuse",
  above: readonly string[],
  names: string[],
): Promise<void> {
  for (const entry of await entriesOf(`${root}/${prefix}`)) {
    const name = prefix + entry.name;
    let { isFile, isDirectory } = entry;
    let inside = above;
    if (entry.isSymlink) {
      if (links === "refuse") throw new Error(`${name} is a symbolic link; write a file`);
      ({ isFile, isDirectory } = await linked(`${root}/${name}`));
      if (isDirectory) {
        const real = await Deno.realPath(`${root}/${name}`);
        if (above.includes(real)) {
          throw new Error(`${root}/${name} links to a folder that holds it`);
        }
        inside = [...above, real];
      }
    }
    if (isFile) names.push(name);
    else if (isDirectory) await collect(root, `${name}/`, links, inside, names);
    else throw new Error(`${root}/${name} is neither a file nor a folder`);
  }
}

/** The hex SHA-256 of a file's bytes and its size, read in blocks of at most 1 MiB. */
export async function hashFile(path: string): Promise<{ digest: string; size: number }> {
  using file = await Deno.open(path);
  const hash = createHash("sha256");
  const block = new Uint8Array(Math.min(Math.max(file.statSync().size + 1, 1 << 12), 1 << 20));
  let size = 0;
  for (let n = await file.read(block); n !== null; n = await file.read(block)) {
    hash.update(block.subarray(0, n));
    size += n;
  }
  return { digest: hash.digest("hex"), size };
}
