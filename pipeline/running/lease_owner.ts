/**
 * Who holds a lease, and whether that process still lives.
 *
 * Where process ids mean the same processes (same boot, same name space) the system is asked, with the
 * process's start time against ids that were given out again. Elsewhere the lease's own counter must
 * keep moving, measured in the waiter's own intervals: clocks of two machines are never compared, and a
 * waiter that was suspended itself counts only the intervals in which it looked.
 *
 * @module
 */
import process from "node:process";
import { isAlive, processRealm, processStart } from "../store/machine.ts";

/** A process, with its start time where the system tells it. */
export interface ProcessName {
  /** Its process id. */
  readonly pid: number;
  /** In ticks since boot. */
  readonly start?: string;
}

/** What a lease says of its holder. */
export interface LeaseOwner extends ProcessName {
  /** Unlike that of any other claim. */
  readonly token: string;
  /** Where its process ids mean something. */
  readonly realm: string;
  /** For messages. */
  readonly host: string;
  /** The child that may write into the scratch folder. */
  readonly child?: ProcessName;
  /** Moves while the owner lives. */
  readonly beat?: number;
}

/** How a process takes part in leases. */
export interface LeaseManner {
  /** Where its process ids mean something (default: this boot and name space). */
  readonly realm: string;
  /** How often an owner moves its counter, in milliseconds; the waiter's interval too. */
  readonly beatMs: number;
  /** How many such intervals of silence mean the owner's end. */
  readonly silentBeats: number;
  /** How often a waiter looks, in milliseconds. */
  readonly pollMs: number;
  /** How long the child of a dead owner may take to end by itself, in milliseconds. */
  readonly orphanMs: number;
}

/** The manner of this process, changed where a test asks for it. */
export function leaseManner(changed: Partial<LeaseManner> = {}): LeaseManner {
  return {
    realm: processRealm(),
    beatMs: 2000,
    silentBeats: 15,
    pollMs: 200,
    orphanMs: 3000,
    ...changed,
  };
}

/** Names a process of this realm. */
export function nameProcess(pid: number): ProcessName {
  const start = processStart(pid);
  return { pid, ...(start === undefined ? {} : { start }) };
}

/**
 * What a lease file says. One that is damaged (a machine lost power while it was written) has an owner
 * that nobody knows: no process is asked after, only the counter, which does not move.
 */
export function parseOwner(text: string): LeaseOwner {
  try {
    const owner = JSON.parse(text) as LeaseOwner;
    if (
      typeof owner.token === "string" && typeof owner.realm === "string" &&
      Number.isInteger(owner.pid) && owner.pid > 0
    ) return owner;
  } catch {
    // Said below.
  }
  return { token: `damaged ${text}`, realm: "", host: "an unknown machine", pid: 0 };
}

/** The file of a lease as it is, or undefined where nobody holds it. */
export function readLease(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Watches one lease for its owner's end. */
export class OwnerWatch {
  readonly #manner: LeaseManner;
  #text = "";
  #silent = 0;
  #since = 0;
  #orphanSince: number | undefined;

  /** Has not looked yet. */
  constructor(manner: LeaseManner) {
    this.#manner = manner;
  }

  /**
   * Looks once. A dead owner's child has a little time to end by itself, as it does unless it is
   * suspended; then it is ended.
   *
   * @param text What the lease file says now.
   * @returns Whether the owner is dead, and its child too.
   */
  isDead(text: string): boolean {
    const owner = parseOwner(text);
    if (owner.realm === this.#manner.realm) {
      if (isAlive(owner.pid, owner.start)) return false;
      return owner.child === undefined || !this.#lingers(owner.child);
    }
    const now = performance.now();
    if (text !== this.#text) {
      this.#text = text;
      this.#silent = 0;
      this.#since = now;
    } else if (now - this.#since >= this.#manner.beatMs) {
      this.#silent++;
      this.#since = now;
    }
    return this.#silent >= this.#manner.silentBeats;
  }

  #lingers({ pid, start }: ProcessName): boolean {
    if (!isAlive(pid, start)) return false;
    const now = performance.now();
    this.#orphanSince ??= now;
    if (start !== undefined && now - this.#orphanSince > this.#manner.orphanMs) {
      try {
        process.kill(-pid, "SIGKILL");
      } catch {
        return isAlive(pid, start);
      }
    }
    return true;
  }
}
