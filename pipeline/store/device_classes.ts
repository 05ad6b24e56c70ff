/**
 * The classes of device that a store has results of: one small file each in `devices/`, written with
 * the first result. Keys cannot be searched by device; these say which keys are worth asking for.
 *
 * @module
 */
import { sha256 } from "../fingerprint.ts";
import { exists } from "./blobs.ts";
import { readJson } from "./json_file.ts";
import type { Store } from "./store.ts";

const FOLDER = "devices";

/** Notes that there are results of a class. */
export async function rememberDevice(store: Store, deviceClass: string): Promise<void> {
  const path = `${store.root}/${FOLDER}/${sha256(deviceClass).slice(0, 32)}.json`;
  if (exists(path)) return;
  await Deno.mkdir(`${store.root}/${FOLDER}`, { recursive: true });
  await store.write(path, JSON.stringify({ format: "device/1", class: deviceClass }) + "\n");
}

/** The classes of which there are results, sorted. */
export function knownDevices(store: Store): string[] {
  let names: string[];
  try {
    names = [...Deno.readDirSync(`${store.root}/${FOLDER}`)].map(({ name }) => name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
  return names.filter((name) => name.endsWith(".json")).flatMap((name) =>
    readJson<{ class: string }>(`${store.root}/${FOLDER}/${name}`)?.class ?? []
  ).sort();
}
