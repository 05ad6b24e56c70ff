/**
 * Sets aside what is damaged in a store: it is moved to `damaged/`, where nothing looks for it, so that
 * its bytes are gone and are made again when they are needed. Nothing is deleted.
 *
 * @module
 */
import { basename } from "node:path";
import { whileCollecting } from "../store_guard.ts";
import { exists } from "../store/blobs.ts";
import { type Damage, problemOf } from "../store/damage.ts";
import { temporaryName } from "../store/disk.ts";
import type { Store } from "../store/store.ts";

/**
 * Moves damaged files away, unless somebody has put sound ones in their place since.
 *
 * @param onWait Told once if runs that use the store just now are waited for.
 * @returns Where each was moved, by its path.
 */
export async function setAside(
  store: Store,
  damaged: readonly Damage[],
  onWait?: (message: string) => void,
): Promise<ReadonlyMap<string, string>> {
  const moved = new Map<string, string>();
  if (damaged.length === 0) return moved;
  await Deno.mkdir(`${store.root}/damaged`, { recursive: true });
  await whileCollecting(store, async (collection) => {
    for (const { kind, path, name } of damaged) {
      if (await problemOf(kind, path, name) === undefined) continue;
      collection.assertHeld();
      const place = freePlace(`${store.root}/damaged/${kind}-${basename(path)}`);
      await Deno.rename(path, place);
      moved.set(path, place);
    }
  }, onWait);
  return moved;
}

function freePlace(path: string): string {
  return exists(path) ? temporaryName(path).replace(/\.tmp$/, "") : path;
}
