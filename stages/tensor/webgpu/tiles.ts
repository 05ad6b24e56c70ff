/**
 * Which tile a product is cut into: by what it is for and how large it is.
 *
 * @module
 */
import { ATTENTION_TILES, attentionClass, SOFTWARE_ATTENTION_TILES } from "./attention_tiles.ts";
import type { Tile } from "./product.ts";

const tile = (m: number, n: number, k: number, perM: number, perN: number): Tile => ({
  m,
  n,
  k,
  perM,
  perN,
});

/** Tiles by class of shape. */
export type TileTable = Readonly<Record<string, Tile>>;

/** Tiles that are worth trying, smallest first. */
export const TILE_CANDIDATES: readonly Tile[] = [
  tile(16, 16, 4, 4, 8),
  tile(16, 32, 4, 4, 16),
  tile(32, 32, 4, 8, 16),
  tile(64, 16, 4, 8, 16),
  tile(16, 16, 16, 1, 4),
  tile(16, 16, 16, 2, 4),
  tile(32, 32, 8, 4, 4),
  tile(32, 32, 16, 4, 4),
  tile(64, 16, 16, 4, 4),
  tile(64, 32, 16, 8, 4),
  tile(64, 64, 16, 4, 4),
  tile(64, 64, 8, 8, 8),
  tile(64, 64, 16, 8, 8),
  tile(128, 16, 16, 8, 4),
  tile(128, 32, 16, 8, 4),
  tile(128, 64, 8, 8, 8),
  tile(64, 128, 8, 8, 8),
  tile(128, 64, 16, 8, 8),
  tile(64, 128, 16, 8, 8),
  tile(128, 128, 8, 8, 8),
  tile(128, 128, 16, 8, 8),
  tile(256, 64, 8, 16, 8),
  tile(128, 128, 8, 16, 8),
];

/** In the classes of minimal filtering: the convolution is done directly. */
export const DIRECTLY: Tile = tile(1, 1, 1, 1, 1);

/**
 * For GPUs that nothing is known of. Taking inputs to the points of minimal filtering costs a thread about
 * ten instructions for every product of a column: narrow tiles lose what that saves.
 */
export const DEFAULT_TILES: TileTable = {
  ...ATTENTION_TILES,
  "16x16": tile(16, 16, 16, 1, 4),
  "batch 16": tile(16, 16, 16, 2, 4),
  "batch 32": tile(32, 32, 8, 4, 4),
  "batch 64": tile(64, 64, 8, 8, 8),
  "many x 16": tile(128, 16, 16, 8, 4),
  "many x 32": tile(128, 32, 16, 8, 4),
  "many x 64": tile(128, 64, 8, 8, 8),
  "many x many": tile(128, 128, 8, 8, 8),
  "minimal many x 32": DIRECTLY,
  "minimal many x 64": tile(128, 64, 8, 8, 8),
  "minimal many x many": tile(128, 128, 8, 8, 8),
};

/**
 * For adapters that compute in software: as much as possible by each thread, eight threads in step. They pay
 * for every read, and directly a convolution has a third as many as by minimal filtering.
 */
export const SOFTWARE_TILES: TileTable = {
  ...SOFTWARE_ATTENTION_TILES,
  "16x16": tile(16, 32, 4, 4, 16),
  "batch 16": tile(16, 16, 4, 4, 8),
  "batch 32": tile(32, 32, 4, 8, 16),
  "batch 64": tile(32, 32, 4, 8, 16),
  "many x 16": tile(64, 16, 4, 8, 16),
  "many x 32": tile(32, 32, 4, 8, 16),
  "many x 64": tile(32, 32, 4, 8, 16),
  "many x many": tile(32, 32, 4, 8, 16),
  "minimal many x 32": DIRECTLY,
  "minimal many x 64": DIRECTLY,
  "minimal many x many": DIRECTLY,
};

let usual: TileTable = DEFAULT_TILES;
let table: TileTable = DEFAULT_TILES;

/** Begins a device: its usual tiles are in use, until {@link setTileTable} says otherwise. */
export function startTiles(software: boolean): void {
  usual = software ? SOFTWARE_TILES : DEFAULT_TILES;
  table = usual;
}

/** The tiles that the device in use begins with. */
export function usualTiles(): TileTable {
  return usual;
}

/** Takes another table, of the same classes or some of them; what it lacks is as usual. */
export function setTileTable(tiles: TileTable): void {
  table = { ...usual, ...tiles };
}

/** Products in a batch from which a workgroup may have a small product as a whole. */
const MANY_PRODUCTS = 64;

/**
 * The class of a shape: few rows, or many by about as many columns as there are; or a
 * batch of small products.
 *
 * @param M Rows of the result.
 * @param N Its columns.
 * @param batch Products that are made at once.
 */
export function tileClass(M: number, N: number, batch = 1): string {
  if (M <= 64 && batch >= MANY_PRODUCTS) {
    const side = Math.min(M, N);
    return side <= 16 ? "batch 16" : side <= 32 ? "batch 32" : "batch 64";
  }
  if (M <= 64) return "16x16";
  if (N <= 16) return "many x 16";
  if (N <= 32) return "many x 32";
  return N <= 64 ? "many x 64" : "many x many";
}

/**
 * The tile in use for a product.
 *
 * @param use What the product is for: `conv`, say. A table may have classes of it alone, `conv many x 16`.
 */
export function tileFor(use: string, M: number, N: number, _K: number, batch = 1): Tile {
  const name = tileClass(M, N, batch);
  return table[`${use} ${name}`] ?? table[name]!;
}

/** Numbers of a matrix below which large tiles leave most of a large GPU idle. */
const FEW_NUMBERS = 1 << 17;

/** The tile in use for a product that is a matrix by itself: that of few rows also for few numbers. */
export function matrixTile(use: string, M: number, N: number, K: number, batch: number): Tile {
  return M * N * batch < FEW_NUMBERS ? tileFor(use, 1, N, K) : tileFor(use, M, N, K, batch);
}

/** The tile in use for a product of minimal filtering, or none where the convolution is done directly. */
export function minimalTile(M: number, N: number): Tile | undefined {
  const found = table[`minimal ${tileClass(M, N)}`];
  return found?.m === DIRECTLY.m ? undefined : found;
}

/** The tile in use for attention with heads of some depth; see `attention_tiles.ts`. */
export function attentionTile(depth: number): Tile {
  return table[attentionClass(depth)]!;
}
