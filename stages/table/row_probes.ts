/**
 * Which kinds of classifier a row shows.
 *
 * @module
 */
import { UnusableInput } from "../formats/unusable_input.ts";
import type { RowSource } from "./comparison.ts";

/**
 * Kinds of classifier that a row shows: those asked for, or all of its result.
 *
 * @throws {UnusableInput} If one is asked for that the result has not.
 */
export function probesOf({ input, probes, result }: RowSource): readonly string[] {
  const there = [...new Set(result.rows.map(({ probe }) => probe))];
  const missing = probes?.find((probe) => !there.includes(probe));
  if (missing !== undefined) {
    throw new UnusableInput(
      `table: ${input} has no answers by ${missing}; it has ${there.join(", ")}`,
    );
  }
  return probes ?? there;
}
