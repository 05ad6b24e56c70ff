/**
 * Leases: across all processes that share a store, one key is computed by one of them.
 *
 * A lease is a file that is made complete elsewhere and linked into place, which succeeds for one only.
 * Whether its owner lives is asked of the system where process ids mean the same processes (same boot,
 * same name space); elsewhere a counter must keep moving, measured in the waiter's own intervals, since
 * clocks of two machines are not compared. A dead owner's lease is renamed away, with nobody's help.
 *
 * @module
 */
import { isAlive, processRealm, processStart } from "./store/machine.ts";
import { temporaryName } from "./store/disk.ts";
import { readJson } from "./store/json_file.ts";
import type { Store } from "./store/store.ts";

/** How often an owner moves its counter, and how many such intervals of silence mean its end. */
const BEAT_MS = 2000;
const SILENT_BEATS = 15;

/** How often a waiter looks, in milliseconds. */
const POLL_MS = 200;

interface Owner {
  readonly token: string;
  readonly realm: string;
  readonly host: string;
  readonly pid: number;
  readonly start?: string;
  /** The child that may write into the scratch folder. */
  readonly child?: { readonly pid: number; readonly start?: string };
}

/** A lease that is held. */
export interface Lease {
  /** Names the child process, which must be dead too before anyone takes over. */
  setChild(pid: number): Promise<void>;
  release(): Promise<void>;
}

/** What waiting for a lease came to. */
export interface ClaimOptions {
  /** Asked at every look: true ends the wait without a lease. */
  readonly settled: () => boolean;
  /** Told once, when a dead owner's lease was taken over. */
  readonly onTakeover?: (message: string) => void;
}

/** Claims the lease of a key at once, or not at all. */
export async function tryClaim(store: Store, key: string): Promise<Lease | undefined> {
  const path = leasePath(store, key);
  const start = processStart(Deno.pid);
  const owner: Owner = {
    token: crypto.randomUUID(),
    realm: processRealm(),
    host: Deno.hostname(),
    pid: Deno.pid,
    ...(start === undefined ? {} : { start }),
  };
  const temporary = temporaryName(path);
  try {
    await Deno.writeTextFile(temporary, JSON.stringify(owner));
    await Deno.link(temporary, path);
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return undefined;
    throw error;
  } finally {
    await Deno.remove(temporary).catch(() => {});
  }
  return held(path, owner);
}

/** Waits for the lease of a key; undefined if the wait was settled otherwise. */
export async function claim(
  store: Store,
  key: string,
  { settled, onTakeover }: ClaimOptions,
): Promise<Lease | undefined> {
  const watch = { token: "", beat: "", since: 0 };
  while (!settled()) {
    const lease = await tryClaim(store, key);
    if (lease) return lease;
    const owner = readJson<Owner>(leasePath(store, key));
    if (owner && isDead(store, key, owner, watch) && await takeAway(store, key, owner)) {
      onTakeover?.(
        `The lease of a run that ended (process ${owner.pid} on ${owner.host}) was taken over.`,
      );
      continue;
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return undefined;
}

/**
 * Whether a live owner holds a lease. A dead owner's is taken away on the way. Known at once for owners
 * on this machine; for others when their counter moves, or has stood still for long enough.
 *
 * @param name A key, or another name under which something was claimed.
 */
export async function isHeld(store: Store, name: string): Promise<boolean> {
  const watch = { token: "", beat: "", since: 0 };
  let first: number | undefined;
  for (;;) {
    const owner = readJson<Owner>(leasePath(store, name));
    if (!owner) return false;
    if (isDead(store, name, owner, watch)) {
      if (await takeAway(store, name, owner)) return false;
    } else if (owner.realm === processRealm() || watch.since !== (first ??= watch.since)) {
      return true;
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function leasePath(store: Store, key: string): string {
  return `${store.root}/leases/${key}`;
}

function held(path: string, owner: Owner): Lease {
  let beats = 0;
  const timer = setInterval(() => {
    try {
      Deno.writeTextFileSync(`${path}.beat`, `${owner.token} ${++beats}`);
    } catch {
      return;
    }
  }, BEAT_MS);
  Deno.unrefTimer(timer);
  const isOurs = () => readJson<Owner>(path)?.token === owner.token;
  return {
    async setChild(pid) {
      if (!isOurs()) return;
      const start = processStart(pid);
      const child = { pid, ...(start === undefined ? {} : { start }) };
      const temporary = temporaryName(path);
      try {
        await Deno.writeTextFile(temporary, JSON.stringify({ ...owner, child }));
        await Deno.rename(temporary, path);
      } catch (error) {
        await Deno.remove(temporary).catch(() => {});
        throw error;
      }
    },
    async release() {
      clearInterval(timer);
      if (!isOurs()) return;
      await Deno.remove(`${path}.beat`).catch(() => {});
      await Deno.remove(path).catch(() => {});
    },
  };
}

function isDead(
  store: Store,
  key: string,
  owner: Owner,
  watch: { token: string; beat: string; since: number },
): boolean {
  if (owner.realm === processRealm()) {
    if (isAlive(owner.pid, owner.start)) return false;
    return !owner.child || !isAlive(owner.child.pid, owner.child.start);
  }
  let beat = "";
  try {
    beat = Deno.readTextFileSync(`${leasePath(store, key)}.beat`);
  } catch {
    beat = "";
  }
  const now = performance.now();
  if (watch.token !== owner.token || watch.beat !== beat) {
    Object.assign(watch, { token: owner.token, beat, since: now });
  }
  return now - watch.since > BEAT_MS * SILENT_BEATS;
}

/** Removes a dead owner's lease; under a lock, so that nobody removes the lease that came after. */
async function takeAway(store: Store, key: string, owner: Owner): Promise<boolean> {
  const path = leasePath(store, key);
  using guard = await Deno.open(`${store.root}/leases/.takeover`, { create: true, write: true });
  await guard.lock(true);
  if (readJson<Owner>(path)?.token !== owner.token) return false;
  const aside = temporaryName(path);
  await Deno.rename(path, aside);
  await Deno.remove(aside);
  return true;
}
