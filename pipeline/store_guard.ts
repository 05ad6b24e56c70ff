/**
 * Keeps `gc` apart from whoever relies on what it may take away, in all processes that share a store.
 *
 * A run relies on the store's bytes at two short times of each attempt: from the look that finds its
 * inputs there until they are linked into its scratch folder, and from the first file it moves in until
 * the record that names it is written (bytes that no record names are an orphan until then; bytes that
 * are there already are not moved in, and must not go meanwhile). These are *uses*. Any number go on
 * side by side; a collection waits for those under way, and what would begin one waits for it. Between
 * its uses a run needs nothing but its scratch folder, which its lease protects, however long it
 * computes: so weeks of training do not stop a `gc`, and a `gc` holds a run up for about a second.
 *
 * Each side makes its mark, a lease in one folder, before it looks for the other's. So at least one sees
 * the other, on this machine and on a shared file system, whose exclusive creation is what leases stand
 * on; file locks would do less, since some shared file systems keep them to one machine. Marks of dead
 * owners count for nothing, as leases of dead owners do.
 *
 * Caveat: uses must not be nested. The inner one would wait for a collection that waits for the outer.
 *
 * @module
 */
import { claim, isHeld, type Lease, tryClaim } from "./lease.ts";
import { exists } from "./store/blobs.ts";
import { readJson } from "./store/json_file.ts";
import { type Store, StoreError } from "./store/store.ts";

const COLLECTION = "gc";
const USE = "use-";

/** How often a collection looks whether uses have ended, in milliseconds. */
const POLL_MS = 50;

/**
 * Does something that relies on the store's bytes, while no collection goes on.
 *
 * @param work Must not call this function in turn.
 * @returns What `work` returns.
 */
export async function whileUsing<T>(store: Store, work: () => Promise<T>): Promise<T> {
  const mark = await beginUse(store);
  try {
    return await work();
  } finally {
    await mark?.release();
  }
}

/** The mark of a use; none in a store that may only be read, where nobody can be told. */
async function beginUse(store: Store): Promise<Lease | undefined> {
  const collection = `${store.root}/leases/${COLLECTION}`;
  for (;;) {
    let mark: Lease | undefined;
    try {
      mark = await tryClaim(store, `${USE}${crypto.randomUUID()}`);
    } catch (error) {
      if (await store.isReadOnly()) return undefined;
      throw error;
    }
    if (!exists(collection)) return mark;
    await mark?.release();
    const settled = () => !exists(collection);
    await (await claim(store, COLLECTION, { settled }))?.release();
  }
}

/** A collection that goes on. */
export interface Collection {
  /**
   * Makes sure that nobody took this process for dead, after a sleep of the machine for instance.
   *
   * @throws {StoreError} If so; nothing more may be removed then.
   */
  assertHeld(): void;
}

/**
 * Removes things from the store, while nobody uses it.
 *
 * @param onWait Told once if uses under way are waited for.
 * @throws {StoreError} If another collection goes on.
 */
export async function whileCollecting<T>(
  store: Store,
  work: (collection: Collection) => Promise<T>,
  onWait: (message: string) => void = () => {},
): Promise<T> {
  const path = `${store.root}/leases/${COLLECTION}`;
  await isHeld(store, COLLECTION); // Takes a dead one's lease away.
  const lease = await tryClaim(store, COLLECTION);
  if (!lease) {
    const owner = readJson<{ pid: number; host: string }>(path);
    throw new StoreError(
      `Another gc is at work in ${store.root}` +
        (owner ? ` (process ${owner.pid} on ${owner.host})` : "") + `. Try again when it has ended.`,
    );
  }
  const token = () => readJson<{ token: string }>(path)?.token;
  const own = token();
  try {
    const uses = [...Deno.readDirSync(`${store.root}/leases`)]
      .map(({ name }) => name)
      .filter((name) => name.startsWith(USE) && !name.includes("."));
    if (uses.length > 0) onWait("waiting for a run to take or publish what it is at");
    await Promise.all(uses.map(async (name) => {
      while (await isHeld(store, name)) await new Promise((done) => setTimeout(done, POLL_MS));
    }));
    return await work({
      assertHeld() {
        if (own === token()) return;
        throw new StoreError(
          `This gc was taken for dead and stopped, so as not to remove what a run has begun to use. ` +
            `Start it again.`,
        );
      },
    });
  } finally {
    await lease.release();
  }
}
