/**
 * An artifact's tree laid out in a folder, from the store's bytes.
 *
 * @module
 */
import type { Tree } from "../tree.ts";
import type { Blobs } from "./blobs.ts";
import { StoreError } from "./disk.ts";

/** What to do about damaged bytes. */
export const SET_ASIDE: string =
  "Set aside what is damaged with: deno task verify --blobs --repair; " +
  "what needs it is then computed again.";

/** What to do about bytes that are gone. */
const PUT_BACK = "Have them made again with: deno task verify FILE STAGE --repair";

/** Puts the bytes of one file in its place, by a link or as a copy. */
export type Placer = (from: string, to: string) => Promise<void>;

/**
 * Lays a tree's files into a folder.
 *
 * @throws {StoreError} If some of the bytes are gone, or too many or too few.
 */
export async function layTree(
  tree: Tree,
  blobs: Blobs,
  folder: string,
  place: Placer,
): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  const made = new Set<string>();
  for (const { name, size, digest } of tree) {
    const path = `${folder}/${name}`;
    const parent = path.slice(0, path.lastIndexOf("/"));
    if (!made.has(parent)) await Deno.mkdir(parent, { recursive: true });
    made.add(parent);
    const blob = blobs.path(digest);
    const state = blobs.state(digest, size);
    if (state === "gone") {
      throw new StoreError(`The bytes of ${name} (${digest}) are gone. ${PUT_BACK}`);
    }
    if (state === "damaged") {
      throw new StoreError(
        `The bytes of ${name} are damaged: ${blob} should have ${size} bytes and has ` +
          `${Deno.statSync(blob).size}. ${SET_ASIDE}`,
      );
    }
    await place(blob, path);
  }
}
