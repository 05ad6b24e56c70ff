/**
 * Memory between one kind of work and another.
 *
 * @module
 */
import { fused } from "./fused.ts";

/**
 * Gives back memory that a backend keeps for tensors of shapes that it has met: what follows has others.
 * Does nothing where none is kept.
 */
export function freeMemory(): void {
  fused().freeMemory?.();
}
