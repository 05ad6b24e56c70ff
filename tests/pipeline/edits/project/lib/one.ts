import { two } from "./two.ts";

/** The first of three helpers. */
export function one(values: readonly number[]): number[] {
  return values.map((value) => two(value));
}
