import { three } from "./three.ts";
import { round } from "./round.ts";

/** The second of three helpers. */
export function two(value: number): number {
  return round(three(value));
}
