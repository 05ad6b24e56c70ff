/**
 * Which machine, boot and process this is, for caches and leases.
 *
 * @module
 */
import { resolve } from "node:path";
import process from "node:process";
import { sha256 } from "../fingerprint.ts";

function text(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path).trim();
  } catch {
    return undefined;
  }
}

/** A name for this machine that no other has: from its machine id and host name. */
export function machineName(): string {
  return sha256(`${text("/etc/machine-id") ?? ""} ${Deno.hostname()}`).slice(0, 12);
}

/**
 * The folder for caches of this machine in a store that was made before.
 *
 * @param store The folder of the store.
 * @returns Its absolute path, or `undefined` where there is no store yet.
 */
export function localFolder(store: string): string | undefined {
  const root = resolve(store);
  return text(`${root}/format`) === undefined ? undefined : `${root}/local/${machineName()}`;
}

/** Changes with every boot of the machine; a made-up constant where the system tells none. */
export function bootId(): string {
  return text("/proc/sys/kernel/random/boot_id") ?? `host ${Deno.hostname()}`;
}

/**
 * Where process ids mean the same processes: the boot, and the name space that containers have of
 * their own.
 */
export function processRealm(): string {
  let space = "";
  try {
    space = Deno.readLinkSync("/proc/self/ns/pid");
  } catch {
    space = "one";
  }
  return `${bootId()} ${space}`;
}

/** When a process started, in ticks since boot, so that a reused id is not taken for it. */
export function processStart(pid: number): string | undefined {
  return text(`/proc/${pid}/stat`)?.split(") ").at(-1)?.split(" ")[19];
}

/** Whether a process of this realm is alive (and, where known, still the one that started then). */
export function isAlive(pid: number, start?: string): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as { code?: string }).code === "ESRCH") return false;
  }
  const now = processStart(pid);
  if (now === undefined) return true;
  const state = text(`/proc/${pid}/stat`)?.split(") ").at(-1)?.[0];
  return state !== "Z" && (start === undefined || now === start);
}
