/**
 * The store, for the verbs that look back: they make none.
 *
 * @module
 */
import { openStore, type Store } from "../store/store.ts";
import { UsageError } from "../usage_error.ts";
import type { Call } from "../verb.ts";

/**
 * Opens the store in a folder.
 *
 * @param file The experiment file that the user speaks of, for the message.
 * @throws {UsageError} If there is no store in that folder.
 */
export async function existingStore(folder: string, file: string | undefined): Promise<Store> {
  if (!isStore(folder)) throw new UsageError(nothingRun(folder, file));
  return await openStore(folder);
}

/** What to say where nothing was run yet. */
export function nothingRun(store: string, file = "FILE"): string {
  return `nothing was run yet with the store ${store}; begin with: deno task run ${file}`;
}

/** Tells which run records were passed over, on standard error. */
export function damageTeller(call: Call): (path: string) => void {
  return (path) =>
    call.terminal.err(`the run record ${path} is damaged or of another version; passed over\n`);
}

/** Whether there is a store in a folder. */
export function isStore(folder: string): boolean {
  try {
    return Deno.statSync(`${folder}/format`).isFile;
  } catch {
    return false;
  }
}
