import type { Shift } from "./shift.ts";

const SHIFT: Shift = { by: 0 };

/** The third of three helpers. */
export function three(value: number): number {
  return value + SHIFT.by;
}
