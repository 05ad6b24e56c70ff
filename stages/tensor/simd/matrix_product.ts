/**
 * Matrix products and column sums by the kernels, on memory or as tensors.
 *
 * @module
 */
import type { Tensor } from "@tensorflow/tfjs-core";
import type { KernelPool } from "./kernel_pool.ts";
import { type SimdBackend, simdBackend } from "./simd_backend.ts";

/** What to multiply; pointers lead to contiguous float32 numbers. */
export interface Product {
  /** A: (M, K), or (K, M) if `turnA`. */
  readonly a: number;
  /** B: (K, N), or (N, K) if `turnB`. */
  readonly b: number;
  /** Receives C: (M, N). */
  readonly c: number;
  /** N numbers to add to each row, or 0 for none. */
  readonly bias?: number;
  /** [M, N, K]. */
  readonly sizes: readonly [number, number, number];
  readonly turnA?: boolean;
  readonly turnB?: boolean;
  /** How many such products (default 1); the Cs follow one another. */
  readonly count?: number;
  /** Numbers from one A to the next (default M K; 0 to use one A for all); likewise B. */
  readonly strideA?: number;
  readonly strideB?: number;
}

/** Rows and columns of a block, at most; as in `assembly/product.ts`. */
const BLOCK = 256;

/** Multiply-adds below which a block is not cut further: some microseconds. */
const LEAST_WORK = 1 << 17;

/** Items that one job should have, so that any number of threads likely met is evenly busy. */
const ITEMS = 32;

/** The least inner dimension of a slice. */
const LEAST_SLICE = 1024;

/** Rows added up one after another in a column sum, before slices are added. */
const SUM_ROWS = 512;

/** Numbers in an item of the kernel `addParts`. */
const PARTS_CHUNK = 4096;

/** Columns in an item of the kernel `columnSums`. */
const SUM_COLUMNS = 64;

/** How a product is cut into items: by its sizes alone. */
export interface Blocking {
  readonly rows: number;
  readonly columns: number;
  /** Inner dimension of a slice; slices are added up afterwards. */
  readonly slice: number;
  readonly slices: number;
  readonly items: number;
}

/** Cuts a product into items. */
export function blocking(
  [M, N, K]: readonly [number, number, number],
  count: number,
): Blocking {
  let rows = Math.min(BLOCK, roundUp(M, 4));
  let columns = Math.min(BLOCK, roundUp(N, 8));
  const items = () => count * Math.ceil(M / rows) * Math.ceil(N / columns);
  // A long inner dimension is cut first: narrow blocks would read both factors many times.
  const most = Math.max(1, Math.floor(K / LEAST_SLICE));
  while (items() * most < ITEMS && rows * columns * K > 2 * LEAST_WORK && rows + columns > 96) {
    if (rows >= columns) rows = roundUp(rows / 2, 4);
    else columns = roundUp(columns / 2, 8);
  }
  const wanted = Math.min(most, Math.ceil(ITEMS / items()));
  const slice = Math.max(1, roundUp(K / wanted, 4));
  const slices = Math.max(1, Math.ceil(K / slice));
  return { rows, columns, slice, slices, items: slices * items() };
}

/** C = A B + bias; each matrix plain or transposed, as many products as asked for. */
export function multiply(pool: KernelPool, product: Product): void {
  const { a, b, c, bias = 0, sizes, turnA = false, turnB = false, count = 1 } = product;
  const [M, N, K] = sizes;
  const size = count * M * N;
  if (size === 0) return;
  const { rows, columns, slice, slices, items } = blocking(sizes, count);
  const { strideA = M * K, strideB = K * N } = product;
  const bytes = slices > 1 ? 4 * slices * size : 0;
  const parts = bytes > 0 ? pool.allocate(bytes) : c;
  pool.run("product", items, [
    a,
    b,
    parts,
    bias,
    M,
    N,
    K,
    +turnA,
    +turnB,
    strideA,
    strideB,
    M * N,
    rows,
    columns,
    slice,
    size,
  ]);
  if (bytes === 0) return;
  addParts(pool, { parts, sums: c, size, count: slices });
  pool.release(parts, bytes);
}

/** Adds up `count` parts of `size` numbers each, one after another. */
export function addParts(
  pool: KernelPool,
  { parts, sums, size, count }: {
    readonly parts: number;
    readonly sums: number;
    readonly size: number;
    readonly count: number;
  },
): void {
  pool.run("addParts", Math.ceil(size / PARTS_CHUNK), [parts, sums, size, count]);
}

/** Sums of the columns of x (rows, columns) into `sums` (columns). */
export function sumColumns(
  pool: KernelPool,
  { x, sums, rows, columns }: {
    readonly x: number;
    readonly sums: number;
    readonly rows: number;
    readonly columns: number;
  },
): void {
  const slices = Math.max(1, Math.ceil(rows / SUM_ROWS));
  const groups = Math.ceil(columns / SUM_COLUMNS);
  const bytes = slices > 1 ? 4 * slices * columns : 0;
  const parts = bytes > 0 ? pool.allocate(bytes) : sums;
  pool.run("columnSums", slices * groups, [x, parts, rows, columns, SUM_ROWS]);
  if (bytes === 0) return;
  addParts(pool, { parts, sums, size: columns, count: slices });
  pool.release(parts, bytes);
}

/** The product of two matrices (M, K) and (K, N), or their transposes, as a tensor (M, N). */
export function matrixProduct<T extends Tensor = Tensor>(
  a: Tensor,
  b: Tensor,
  { turnA = false, turnB = false, bias, backend = simdBackend() }: {
    readonly turnA?: boolean;
    readonly turnB?: boolean;
    readonly bias?: Tensor | null;
    readonly backend?: SimdBackend;
  } = {},
): T {
  const [p, q] = a.shape as [number, number];
  const [r, s] = b.shape as [number, number];
  const [M, K, N] = [turnA ? q : p, turnA ? p : q, turnB ? r : s];
  const c = backend.empty<T>([M, N]);
  multiply(backend.pool, {
    a: backend.pointer(a),
    b: backend.pointer(b),
    c: backend.pointer(c),
    bias: bias ? backend.pointer(bias) : 0,
    sizes: [M, N, K],
    turnA,
    turnB,
  });
  return c;
}

/** Sums of the columns of a tensor (rows, columns): (columns). */
export function columnSumsOf<T extends Tensor = Tensor>(
  x: Tensor,
  backend: SimdBackend = simdBackend(),
): T {
  const [rows, columns] = x.shape as [number, number];
  const sums = backend.empty<T>([columns]);
  sumColumns(backend.pool, {
    x: backend.pointer(x),
    sums: backend.pointer(sums),
    rows,
    columns,
  });
  return sums;
}

function roundUp(n: number, unit: number): number {
  return Math.ceil(n / unit) * unit;
}
