import { two } from "./two.ts";

/** It imports what imports it. */
export function round(value: number): number {
  return typeof two === "function" ? Math.round(value * 1000) / 1000 : value;
}
