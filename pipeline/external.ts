/**
 * The user's own files and folders as inputs: referenced by content, never copied.
 *
 * @module
 */
import type { FileIndex } from "./file_index.ts";
import type { ContentDigest } from "./manifest.ts";
import type { Facts } from "./stage.ts";
import { treeBytes, treeDigest } from "./tree.ts";
import { unreadable } from "./unreadable.ts";

/** Files given one by one are remembered together. */
const SHARD = "external";

/** What is known of an external input. */
export interface ExternalInput {
  /** What keys see of it. */
  readonly digest: ContentDigest;
  /** Of the file, or of all files in the folder. */
  readonly bytes: number;
  /** Of a folder: how many files it has. */
  readonly facts?: Facts;
}

/**
 * Digests a file by its bytes, a folder by the tree of all files in it.
 *
 * @throws {Error} If there is nothing at the path, or nothing that can be read; says so in words.
 */
export async function digestExternal(path: string, index: FileIndex): Promise<ExternalInput> {
  let info;
  try {
    info = Deno.statSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw unreadable(path, error);
    throw new Error(`there is no file or folder ${path}`);
  }
  if (info.isDirectory) {
    const tree = await index.folder(path);
    return {
      digest: `tree:${treeDigest(tree)}`,
      bytes: treeBytes(tree),
      facts: { files: tree.length },
    };
  }
  if (!info.isFile) throw new Error(`${path} is neither a file nor a folder`);
  const { digest, size } = index.remembered(path, SHARD, info) ??
    await index.file(path, SHARD).catch((error) => {
      throw unreadable(path, error);
    });
  return { digest: `file:${digest}`, bytes: size };
}
