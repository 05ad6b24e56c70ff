/**
 * Leases: across all processes that share a store, one key is computed by one of them.
 *
 * A lease is a file that is made complete elsewhere and linked into place, which succeeds for one only.
 * Its owner keeps the file open and moves a counter in it, so that an owner who slept through a takeover
 * writes into its own old file and never into its successor's. A dead owner's lease is renamed to a name
 * that no other has, with nobody's help; whoever renamed the wrong one puts it back.
 *
 * A lease saves work, it does not guard the store: an owner that was suspended, taken for dead and woken
 * finds its scratch folder gone and its lease lost, and publishing the same result twice is no change.
 *
 * @module
 */
import { dirname } from "node:path";
import {
  type LeaseManner,
  leaseManner,
  type LeaseOwner,
  nameProcess,
  OwnerWatch,
  parseOwner,
  readLease,
} from "./lease_owner.ts";
import { temporaryName } from "../store/disk.ts";
import type { Store } from "../store/store.ts";

export type { LeaseManner } from "./lease_owner.ts";

/** A lease that is held. */
export interface Lease {
  /** Names the child process, which must be dead too before anyone takes over. */
  setChild(pid: number): Promise<void>;
  /** Gives it back; no more than that where it was lost. */
  release(): Promise<void>;
  /** Whether it is still this process's: false once another took it for dead. */
  isHeld(): boolean;
  /** Calls back once, when the lease is found lost. */
  onLost(listener: () => void): void;
}

/** What waiting for a lease came to. */
export interface ClaimOptions {
  /** Asked at every look: true ends the wait without a lease. */
  readonly settled: () => boolean;
  /** Told once, when a dead owner's lease was taken over. */
  readonly onTakeover?: (message: string) => void;
}

/** Claims the lease of a key at once, or not at all. */
export async function tryClaim(
  store: Store,
  key: string,
  manner: LeaseManner = leaseManner(),
): Promise<Lease | undefined> {
  const path = leasePath(store, key);
  const owner: LeaseOwner = {
    token: crypto.randomUUID(),
    realm: manner.realm,
    host: Deno.hostname(),
    ...nameProcess(Deno.pid),
  };
  const temporary = temporaryName(path);
  const file = await Deno.open(temporary, { read: true, write: true, createNew: true });
  try {
    file.writeSync(leaseText(owner, 0));
    await Deno.link(temporary, path);
  } catch (error) {
    file.close();
    if (error instanceof Deno.errors.AlreadyExists) return undefined;
    throw error;
  } finally {
    await Deno.remove(temporary).catch(() => {});
  }
  return new HeldLease(path, owner, file, manner.beatMs);
}

/** Waits for the lease of a key; undefined if the wait was settled otherwise. */
export async function claim(
  store: Store,
  key: string,
  { settled, onTakeover }: ClaimOptions,
  manner: LeaseManner = leaseManner(),
): Promise<Lease | undefined> {
  const path = leasePath(store, key);
  const watch = new OwnerWatch(manner);
  while (!settled()) {
    const text = readLease(path);
    if (text === undefined) {
      const lease = await tryClaim(store, key, manner);
      if (lease) return lease;
    } else if (watch.isDead(text)) {
      const { token, pid, host } = parseOwner(text);
      if (await takeOver(path, token)) {
        const who = pid === 0 ? "whose file is damaged" : `of process ${pid} on ${host}`;
        onTakeover?.(`The lease ${who}, a run that ended, was taken over.`);
        continue;
      }
    }
    await new Promise((resolve) => setTimeout(resolve, manner.pollMs));
  }
  return undefined;
}

/**
 * Whether a live owner holds a lease. A dead owner's is taken away on the way. Known at once for owners
 * on this machine; for others when their counter moves, or has stood still for long enough.
 *
 * @param name A key, or another name under which something was claimed.
 */
export async function isHeld(
  store: Store,
  name: string,
  manner: LeaseManner = leaseManner(),
): Promise<boolean> {
  const path = leasePath(store, name);
  const watch = new OwnerWatch(manner);
  const first = readLease(path);
  for (;;) {
    const text = readLease(path);
    if (text === undefined) return false;
    const { realm, token } = parseOwner(text);
    if (watch.isDead(text)) {
      if (await takeOver(path, token)) return false;
    } else if (realm === manner.realm || text !== first) {
      return true;
    }
    await new Promise((resolve) => setTimeout(resolve, manner.pollMs));
  }
}

function leasePath(store: Store, key: string): string {
  return `${store.root}/leases/${key}`;
}

/** Always of one length for one owner until its child is named, so that it is written over itself. */
function leaseText(owner: LeaseOwner, beat: number): Uint8Array {
  const text = JSON.stringify({ ...owner, beat: beat % 1e9 });
  return new TextEncoder().encode(text.padEnd(text.length + 9 - `${beat % 1e9}`.length) + "\n");
}

class HeldLease implements Lease {
  readonly #path: string;
  readonly #file: Deno.FsFile;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #listeners: (() => void)[] = [];
  #owner: LeaseOwner;
  #beat = 0;
  #lost = false;

  constructor(path: string, owner: LeaseOwner, file: Deno.FsFile, beatMs: number) {
    this.#path = path;
    this.#owner = owner;
    this.#file = file;
    this.#timer = setInterval(() => this.#move(), beatMs);
    Deno.unrefTimer(this.#timer);
  }

  setChild(pid: number): Promise<void> {
    this.#owner = { ...this.#owner, child: nameProcess(pid) };
    this.#move();
    return Promise.resolve();
  }

  isHeld(): boolean {
    if (this.#lost) return false;
    try {
      this.#lost = tokenAt(this.#path) !== this.#owner.token;
    } catch {
      return true; // A disk that is away for a while says nothing of the lease.
    }
    return !this.#lost;
  }

  onLost(listener: () => void): void {
    this.#listeners.push(listener);
  }

  async release(): Promise<void> {
    clearInterval(this.#timer);
    this.#file.close();
    if (this.isHeld()) await moveAside(this.#path, this.#owner.token).catch(() => {});
  }

  #move(): void {
    if (!this.isHeld()) {
      clearInterval(this.#timer);
      for (const listener of this.#listeners.splice(0)) listener();
      return;
    }
    try {
      this.#file.seekSync(0, Deno.SeekMode.Start);
      this.#file.writeSync(leaseText(this.#owner, ++this.#beat));
    } catch {
      return; // A disk that is full or away for a while: the next beat tries again.
    }
  }
}

/** The token at a path; undefined where there is no lease. */
function tokenAt(path: string): string | undefined {
  const text = readLease(path);
  return text === undefined ? undefined : parseOwner(text).token;
}

/**
 * Takes a dead owner's lease away. A lock of this machine makes sure that two waiters do not do so at
 * once; where the file system has no locks, {@link moveAside}'s second look has to do.
 */
async function takeOver(path: string, token: string): Promise<boolean> {
  using guard = await Deno.open(`${dirname(path)}/.takeover`, { create: true, write: true });
  if (!await guard.tryLock(true).catch(() => true)) return false;
  return await moveAside(path, token);
}

/**
 * Renames a lease to a name that no other has, and removes it. Between the look and the rename another
 * may have come into its place: that one is put back.
 */
async function moveAside(path: string, token: string): Promise<boolean> {
  if (tokenAt(path) !== token) return false;
  const aside = temporaryName(path);
  try {
    await Deno.rename(path, aside);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
  const right = tokenAt(aside) === token;
  if (!right) await Deno.link(aside, path).catch(() => {});
  await Deno.remove(aside).catch(() => {});
  return right;
}
