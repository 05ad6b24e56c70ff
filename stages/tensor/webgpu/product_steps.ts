/**
 * What the two ways of taking a product's steps have in common: where a thread's sums lie in the tile.
 *
 * @module
 */
import type { Tile } from "./product.ts";

/** The texts of a way to take a product's steps. */
export interface Steps {
  /** Declarations of workgroup memory. */
  readonly memory: string;
  /** Statements before the loop. */
  readonly prepare: string;
  /** The loop over K, adding to `c{row}_{column / 4}`. */
  readonly loop: string;
}

/** Where a thread's sums lie. */
export interface Places {
  /** Threads that share columns of the tile. */
  readonly down: number;
  /** Threads that share rows of the tile. */
  readonly across: number;
  /** Of a thread, 0 .. perM - 1. */
  readonly rows: readonly number[];
  /** Columns of a thread by four, 0 .. perN / 4 - 1. */
  readonly columns: readonly number[];
  /** Statements that define `threadRow` and `threadColumn`. */
  readonly thread: string;
  /** Text of a row in the tile. */
  rowOf(i: number): string;
  /** Text of the first of four columns in the tile. */
  columnOf(j: number): string;
}

/** See {@link Places}. Rows interleave by four (or one), so that neighbours have neighbouring memory. */
export function placesOf({ m, n, perM, perN }: Tile): Places {
  const [down, across] = [m / perM, n / perN];
  return {
    down,
    across,
    rows: Array.from({ length: perM }, (_, i) => i),
    columns: Array.from({ length: perN / 4 }, (_, j) => j),
    thread: threadPlace(down, across),
    rowOf: (i) =>
      perM % 4 === 0
        ? `(${(i >> 2) * down}u + threadRow) * 4u + ${i & 3}u`
        : `${i * down}u + threadRow`,
    columnOf: (j) => `(${j * across}u + threadColumn) * 4u`,
  };
}

/** Thirty-two neighbours that run in step have a patch of 4 x 8, so that they read few vectors. */
function threadPlace(down: number, across: number): string {
  if (across === 1) {
    return `let threadColumn = 0u;
let threadRow = lix;`;
  }
  if (down % 4 !== 0 || across % 8 !== 0) {
    return `let threadColumn = lix % ${across}u;
let threadRow = lix / ${across}u;`;
  }
  const blocks = across / 8;
  return `let block = lix / 32u;
let threadColumn = (block % ${blocks}u) * 8u + lix % 8u;
let threadRow = (block / ${blocks}u) * 4u + (lix / 8u) % 4u;`;
}
