/**
 * JSON files of the store.
 *
 * @module
 */
import { refusal } from "../unreadable.ts";
import { StoreError } from "./disk.ts";

/**
 * Reads a JSON file, or gives undefined where there is none.
 *
 * @throws {StoreError} If it is no JSON, or may not be read.
 */
export function readJson<T>(path: string): T | undefined {
  let text;
  try {
    text = Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw new StoreError(`Cannot read ${path}: ${refusal(error)}.`, { cause: error });
  }
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new StoreError(`${path} is damaged: expected JSON. Remove the file and run again.`);
  }
}

/**
 * Reads a map that is kept to save time and may be lost without harm: one that is absent or damaged is
 * empty, and entries that are no maps are left out.
 */
export function readCache<T extends object>(path: string): Record<string, T> {
  let found: unknown;
  try {
    found = readJson(path);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
  }
  if (typeof found !== "object" || found === null || Array.isArray(found)) return {};
  return Object.fromEntries(
    Object.entries(found).filter(([, entry]) => typeof entry === "object" && entry !== null),
  );
}
