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
import { isHeld, type Lease, tryClaim } from "./running/lease.ts";
import { leaseManner, parseOwner, readLease } from "./running/lease_owner.ts";
import { exists } from "./store/blobs.ts";
import { type Store, StoreError } from "./store/store.ts";

const COLLECTION = "gc";
const USE = "use-";

/** Uses and collections are short, so who waits for one looks often. */
const manner = leaseManner({ pollMs: 50 });

/**
 * Does something that relies on the store's bytes, while no collection goes on.
 *
 * @param work Must not begin another use.
 * @returns What `work` returns.
 */
export async function whileUsing<T>(store: Store, work: () => Promise<T>): Promise<T> {
  await using _ = await beginUse(store);
  return await work();
}

/**
 * Waits until no collection goes on, and lets none begin before the use ends. A store that may only be
 * read is used without a mark, since nobody can be told.
 *
 * @returns Ends the use when it is disposed of.
 */
export async function beginUse(store: Store): Promise<AsyncDisposable> {
  const collection = `${store.root}/leases/${COLLECTION}`;
  for (;;) {
    let mark: Lease | undefined;
    try {
      mark = await tryClaim(store, `${USE}${crypto.randomUUID()}`);
    } catch (error) {
      if (!await store.isReadOnly()) throw error;
    }
    if (!mark || !exists(collection)) {
      return { [Symbol.asyncDispose]: async () => await mark?.release() };
    }
    await mark.release();
    await ended(store, COLLECTION);
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
  const lease = await isHeld(store, COLLECTION, manner)
    ? undefined
    : await tryClaim(store, COLLECTION);
  if (!lease) {
    const { pid, host } = parseOwner(readLease(`${store.root}/leases/${COLLECTION}`) ?? "");
    throw new StoreError(
      `Another gc is at work in ${store.root} (process ${pid} on ${host}). Try again when it has ` +
        `ended.`,
    );
  }
  try {
    const uses = leases(store).filter((name) => name.startsWith(USE));
    if (uses.length > 0) onWait("waiting for runs to finish what they take or publish just now");
    await Promise.all(uses.map((name) => ended(store, name)));
    return await work({
      assertHeld() {
        if (lease.isHeld()) return;
        throw new StoreError(
          "This gc was taken for dead and has stopped, so that it removes nothing that a run has " +
            "begun to use. Start it again.",
        );
      },
    });
  } finally {
    await lease.release();
  }
}

/**
 * Removes the leases of dead owners. Waits for the counters of those on other machines to move, or to
 * stand still for long enough.
 */
export async function clearDeadLeases(store: Store): Promise<void> {
  await Promise.all(leases(store).map((name) => isHeld(store, name)));
}

/** The time by the clock of the disk, in milliseconds, while a collection goes on. */
export function collectionTime({ root }: Store): number {
  return Deno.statSync(`${root}/leases/${COLLECTION}`).mtime?.getTime() ?? Date.now();
}

/** Whether something is worked on, unless the lease is that of a dead owner. */
export function isBusy({ root }: Store, name: string): boolean {
  return exists(`${root}/leases/${name}`);
}

/** Whether nobody has a lease but a collection. */
export function isQuiet(store: Store): boolean {
  return leases(store).every((name) => name === COLLECTION);
}

/** Waits until nobody alive holds a lease. */
async function ended(store: Store, name: string): Promise<void> {
  while (await isHeld(store, name, manner)) {
    await new Promise((resolve) => setTimeout(resolve, manner.pollMs));
  }
}

/** The names under which something is claimed. */
function leases(store: Store): string[] {
  return [...Deno.readDirSync(`${store.root}/leases`)]
    .map(({ name }) => name)
    .filter((name) => !name.includes("."));
}
