/**
 * Rows of bodies that were computed once, put where their clips have them.
 *
 * @module
 */
import type { Tensor2D } from "@tensorflow/tfjs-core";
import { fused } from "../fused.ts";
import { sumRows, takeRows } from "../rows.ts";
import type { Tape } from "../tape.ts";

/**
 * y[i] = x[rows[i]]; a row that is taken more than once collects the gradients of all its places.
 *
 * @param x (P, D).
 * @param rows N M of them; each of the P at least once.
 * @returns (N M, D).
 */
export function bodyRows(tape: Tape, x: Tensor2D, rows: readonly number[]): Tensor2D {
  const own = fused().bodyRows;
  if (own !== undefined) return own(tape, x, rows);
  return tape.record([x], () => [takeRows(x, rows) as Tensor2D, (dy) => {
    const places: number[][] = Array.from({ length: x.shape[0] }, () => []);
    rows.forEach((row, place) => places[row]!.push(place));
    return [sumRows(dy, places)];
  }]);
}
