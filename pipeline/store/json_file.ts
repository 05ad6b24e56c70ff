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
