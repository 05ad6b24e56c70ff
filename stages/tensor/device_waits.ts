/**
 * Time that goes by while a device works and the program cannot go on.
 *
 * @module
 */
import { fused } from "./fused.ts";

/** Milliseconds that the program has waited for the backend's device so far; 0 where it computes itself. */
export function deviceWaits(): number {
  return fused().deviceWaits?.() ?? 0;
}
