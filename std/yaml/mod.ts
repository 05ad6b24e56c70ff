/**
 * Stand-in for `@std/yaml`, the same API over npm's `yaml`, for machines that reach only the npm
 * registry. Deleting `links` in `deno.json` gives the original.
 *
 * @module
 */
import * as yaml from "yaml";

/**
 * Parses one YAML document.
 *
 * @param text YAML source.
 * @returns The value it describes.
 * @throws {SyntaxError} If the text is no valid YAML; the message names line and column.
 *
 * @example
 * ```ts
 * import { parse } from "@std/yaml";
 * import { assertEquals } from "@std/assert";
 * assertEquals(parse("a: [1, 2]"), { a: [1, 2] });
 * ```
 */
export function parse(text: string): unknown {
  try {
    return yaml.parse(text, { merge: true });
  } catch (cause) {
    throw new SyntaxError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/**
 * Writes a value as YAML.
 *
 * @param value A value of plain objects, arrays, strings, numbers, booleans and null.
 * @returns The YAML text, ending in a newline.
 *
 * @example
 * ```ts
 * import { stringify } from "@std/yaml";
 * import { assertEquals } from "@std/assert";
 * assertEquals(stringify({ a: 1 }), "a: 1\n");
 * ```
 */
export function stringify(value: unknown): string {
  return yaml.stringify(value);
}
