/**
 * The folder of a store: what it holds, and why one cannot be had.
 *
 * @module
 */
import { refusal } from "../unreadable.ts";
import { exists } from "./blobs.ts";
import { type Disk, explained, StoreError, writeWhole } from "./disk.ts";

const FORMAT = "skelrun store 1\n";
const FOLDERS = [
  "actions",
  "blobs",
  "trees",
  "closures",
  "devices",
  "leases",
  "scratch",
  "logs",
  "runs",
  "latest",
];

/** Why a folder cannot serve as a store. */
export function unusable(root: string, error: unknown): StoreError {
  const said = explained(error, root);
  if (said instanceof StoreError) return said;
  return new StoreError(
    `Cannot use ${root} as a store: ${refusal(error)}. ` +
      `Choose another folder with --store or SKELRUN_STORE.`,
    { cause: error },
  );
}

/**
 * Makes sure that a folder is a store, and makes one of it where it is new or empty.
 *
 * @param root Its absolute path.
 * @param via The disk.
 * @throws {StoreError} If it holds something else or a store of another version.
 */
export async function prepareFolder(root: string, via: Disk): Promise<void> {
  const mark = `${root}/format`;
  if (!exists(mark)) {
    await Deno.mkdir(root, { recursive: true });
    for await (const { name } of Deno.readDir(root)) {
      if (FOLDERS.includes(name) || name === "local" || name.startsWith("format")) continue;
      throw new StoreError(
        `${root} is no store and not empty (it has ${name}). Name a folder that is new or empty ` +
          `with --store or SKELRUN_STORE.`,
      );
    }
    for (const name of FOLDERS) {
      await Deno.mkdir(`${root}/${name}`, { recursive: true });
    }
    await writeWhole(via, mark, FORMAT);
  } else if (Deno.readTextFileSync(mark) !== FORMAT) {
    throw new StoreError(
      `${root} is no store of this version: its file "format" says ` +
        `${JSON.stringify(Deno.readTextFileSync(mark).trim())}, expected "${FORMAT.trim()}". ` +
        `Choose another folder with --store or SKELRUN_STORE.`,
    );
  }
}
