/**
 * How large a value is once every alias in it is written out.
 *
 * @module
 */

/** A value of more parts than this comes from aliases of aliases, not from a person. */
const MOST_PARTS = 20_000_000;

/**
 * Counts the parts of a value, a part that stands at several places once for each.
 *
 * @param value A value of plain maps and lists that may share parts.
 * @returns The number of maps, lists and single values, or `undefined` where a map or list holds
 * itself or there are more than 20 million.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * const shared = [1, 2];
 * assertEquals(expandedSize([shared, shared]), 7);
 * ```
 */
export function expandedSize(value: unknown): number | undefined {
  const sizes = new Map<object, number>();
  const sizeOf = (part: unknown): number => {
    if (typeof part !== "object" || part === null) return 1;
    const known = sizes.get(part);
    if (known !== undefined) return known;
    // Found again before it is counted, it holds itself.
    sizes.set(part, Infinity);
    let size = 1;
    for (const inner of Object.values(part)) size += sizeOf(inner);
    sizes.set(part, size);
    return size;
  };
  const size = sizeOf(value);
  return size > MOST_PARTS ? undefined : size;
}
