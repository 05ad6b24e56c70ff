/**
 * How attention is cut, as entries of the tile table: by the depth of a head, `attend 8` to `attend 64`.
 *
 * A tile's sizes mean: m, rows of a workgroup at most, forward; n, rows of other tokens in workgroup memory;
 * k, rows of these met as straight-line text; perM, rows that a thread holds at most, forward; perN, the
 * same backward, where it holds more of each.
 *
 * @module
 */
import type { Tile } from "./product.ts";

/** By class, the depth up to which it reaches (the last one: and beyond), and rows of a thread on a GPU. */
const DEPTHS = [
  { name: "attend 8", depth: 8, rows: 8 },
  { name: "attend 16", depth: 16, rows: 4 },
  { name: "attend 32", depth: 32, rows: 2 },
  { name: "attend 64", depth: 64, rows: 1 },
] as const;

/** Classes of attention. */
export const ATTENTION_CLASSES: readonly string[] = DEPTHS.map(({ name }) => name);

/** The class of heads of some depth. */
export function attentionClass(depth: number): string {
  return (DEPTHS.find((one) => depth <= one.depth) ?? DEPTHS.at(-1)!).name;
}

/** Rows of other tokens in workgroup memory: 4 KiB of keys, and as much of values. */
const metRows = (depth: number) => Math.min(64, 1024 / depth);

function cut(depth: number, threads: number, k: number, perM: number, perN: number): Tile {
  const [forward, backward] = [Math.max(1, perM), Math.max(1, perN)];
  return { m: threads * forward, n: metRows(depth), k, perM: forward, perN: backward };
}

function table(cutOf: (depth: number, rows: number) => Tile): Record<string, Tile> {
  return Object.fromEntries(DEPTHS.map(({ name, depth, rows }) => [name, cutOf(depth, rows)]));
}

/** For GPUs that nothing is known of: about 128 registers of a thread for rows, forward and backward. */
export const ATTENTION_TILES = table((depth, rows) => cut(depth, 128, 4, rows, rows / 2));

/**
 * For adapters that compute in software: reading from workgroup memory is what costs there, and registers
 * that overflow cost little.
 */
export const SOFTWARE_ATTENTION_TILES = table((depth, rows) =>
  cut(depth, 256, depth <= 16 ? 2 : 1, 2 * rows, 2 * rows)
);

/** Cuts worth trying for a class on a GPU, the usual one among them. */
export function attentionCandidates(name: string): Tile[] {
  const { depth, rows } = DEPTHS.find((one) => one.name === name)!;
  return [
    cut(depth, 128, 4, rows, rows / 2),
    cut(depth, 64, 4, rows, rows / 2),
    cut(depth, 256, 4, rows, rows / 2),
    cut(depth, 128, 4, rows / 2, rows / 2),
    cut(depth, 128, 2, rows, rows),
    cut(depth, 128, 8, rows, rows / 2),
  ];
}
