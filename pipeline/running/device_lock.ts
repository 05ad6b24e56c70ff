/**
 * One stage at a time on a device, across all processes of a machine and all their stores.
 *
 * A file lock in the machine's folder for temporary files, which the system takes back when its holder
 * ends in whatever way. Those who wait hold a shared lock on a second file: a process that has just had
 * the device lets them go first. Where there is no such folder, or the file system knows no locks, a
 * device is shared as it was by older tools: slowly.
 *
 * @module
 */
import { sha256 } from "../fingerprint.ts";

/** A device that is held. */
export interface DeviceLock {
  /** Gives the device back. */
  release(): void;
}

/** Variables by which a Vulkan loader or driver is told which of several devices to take. */
const CHOICES = ["VK_LOADER_DEVICE_SELECT", "MESA_VK_DEVICE_SELECT", "DRI_PRIME"];

/** How often a waiter looks, and how long one who had the device leaves it to others. */
const POLL_MS = 200;
const YIELD_MS = 1000;

const released = new Map<string, number>();

/** Takes a device at once, or not at all. */
export async function tryLockDevice(device: string): Promise<DeviceLock | undefined> {
  const path = deviceLockPath(device);
  if (performance.now() - (released.get(path) ?? -Infinity) < YIELD_MS && await awaited(path)) {
    return undefined;
  }
  const file = await openLock(path);
  try {
    if (file && !await file.tryLock(true)) {
      file.close();
      return undefined;
    }
  } catch {
    // No locks here.
  }
  return {
    release() {
      released.set(path, performance.now());
      file?.close();
    },
  };
}

/** Waits until a device was seen free, or the wait is settled otherwise. */
export async function deviceIsFree(device: string, settled: () => boolean): Promise<void> {
  const path = deviceLockPath(device);
  using queue = await openLock(`${path}.queue`);
  await queue?.tryLock(false).catch(() => false);
  do {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    using file = await openLock(path);
    if (!file || await file.tryLock(true).catch(() => true)) return;
  } while (!settled());
}

/** The lock file of a device; that of the waiters has `.queue` behind it. */
export function deviceLockPath(device: string): string {
  const choice = CHOICES.map((name) => Deno.env.get(name) ?? "").join("\n");
  const folder = Deno.build.os === "windows" ? Deno.env.get("TEMP") ?? "." : "/tmp";
  return `${folder}/skelrun-device-${sha256(`${device}\n${choice}`).slice(0, 16)}`;
}

/** Whether others wait for a device. */
async function awaited(path: string): Promise<boolean> {
  using queue = await openLock(`${path}.queue`);
  return queue !== undefined && !await queue.tryLock(true).catch(() => true);
}

/** Opens a lock file that may be another user's: to lock it, reading is enough. */
async function openLock(path: string): Promise<Deno.FsFile | undefined> {
  try {
    return await Deno.open(path);
  } catch {
    // It is made below, or cannot be.
  }
  try {
    (await Deno.open(path, { write: true, createNew: true, mode: 0o644 })).close();
  } catch {
    // Another process was first.
  }
  return await Deno.open(path).catch(() => undefined);
}
