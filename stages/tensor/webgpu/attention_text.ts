/**
 * Pieces of text that the kernels of attention share. Queries, keys and values lie side by side in rows
 * of a matrix (bodies tokens, 3 D), heads side by side in each. A thread holds whole rows of one head in
 * registers, as vectors of four; the rows that it meets come by way of workgroup memory, where all threads
 * read the same one at a time, so that it is read once for all of them.
 *
 * @module
 */
import { type Kernel, type KernelCode, kernelOf } from "./kernel_code.ts";
import { attentionTile } from "./tiles.ts";

/** How heads are cut. */
export interface HeadTile {
  /** D / heads. */
  readonly depth: number;
  /** Vectors of a row: depth / 4, the last one filled up with zeros. */
  readonly vectors: number;
  /** Whether rows are whole vectors in memory. */
  readonly wide: boolean;
  /** Threads of a workgroup. */
  readonly threads: number;
  /** Rows that a thread holds. */
  readonly per: number;
  /** Rows met as straight-line text. */
  readonly unrolled: number;
  /** Rows in workgroup memory: a multiple of `unrolled`. */
  readonly met: number;
  /** Whether tokens are a multiple of `unrolled`, so that no row that is met lies beyond the end. */
  readonly whole: boolean;
}

/** Vectors of each kind in workgroup memory, at most, where heads are very deep: 4 KiB. */
const SHARED_VECTORS = 256;

/** What a workgroup's threads are a multiple of. */
const THREADS = 8;

/** Threads that run in step on most devices. */
const IN_STEP = 32;

/**
 * The cut for some kernel, as the tile table has it. The more rows a thread holds, the fewer reads from
 * workgroup memory go with an operation, but the more threads may be idle at the end of a clip: the best of
 * both, reading what is met counted as much as computing with it for one row.
 *
 * @param backward Whether threads hold rows of more than two matrices.
 */
export function headTile(tokens: number, depth: number, backward: boolean): HeadTile {
  const vectors = Math.ceil(depth / 4);
  const { m, n, k, perM, perN } = attentionTile(depth);
  const [most, mostThreads] = [backward ? perN : perM, m / perM];
  const blocksOf = (per: number) => Math.ceil(tokens / (mostThreads * per));
  const cost = (per: number) => {
    const steps = Math.ceil(tokens / (IN_STEP * per * blocksOf(per)));
    return blocksOf(per) * steps * (per + 1);
  };
  let per = most;
  for (let fewer = most - 1; fewer > 0; fewer--) if (cost(fewer) < cost(per)) per = fewer;
  const threads = THREADS * Math.ceil(tokens / (THREADS * per * blocksOf(per)));
  const unrolled = vectors > SHARED_VECTORS / k ? 1 : k;
  const groups = Math.floor(Math.min(n, SHARED_VECTORS / vectors) / unrolled);
  const met = unrolled * Math.max(1, groups);
  const [wide, whole] = [depth % 4 === 0, tokens % unrolled === 0];
  return { depth, vectors, wide, threads, per, unrolled, met, whole };
}

/** What a kernel's text hangs on. */
export function tileKey({ depth, threads, per, unrolled, met, whole }: HeadTile): string {
  return `${depth} ${threads}x${per} ${met}/${unrolled} ${whole ? "whole" : "ends"}`;
}

/** `text(i)` for each i below `count`, one a line. */
export function lines(count: number, text: (i: number) => string): string {
  return Array.from({ length: count }, (_, i) => text(i)).join("\n");
}

/** WGSL type of what a matrix of rows is bound as. */
export function rowType({ wide }: HeadTile): "vec4<f32>" | "f32" {
  return wide ? "vec4<f32>" : "f32";
}

/** A function `load_NAME(at, c)`: vector c of a head's row that begins at number `at`. */
export function rowReader(name: string, { wide, depth }: HeadTile): string {
  const head = `fn load_${name}(at: u32, c: u32) -> vec4<f32>`;
  if (wide) return `${head} { return ${name}[at / 4u + c]; }`;
  const parts = [0, 1, 2, 3].map((i) =>
    `select(0.0, ${name}[at + min(4u * c + ${i}u, ${depth - 1}u)], 4u * c + ${i}u < ${depth}u)`
  );
  return `${head} { return vec4<f32>(${parts.join(", ")}); }`;
}

/** A statement that stores vector `c` (a literal) of a head's row that begins at number `at`. */
export function storeRow(
  name: string,
  { wide, depth }: HeadTile,
  at: string,
  c: number,
  value: string,
): string {
  if (wide) return `${name}[${at} / 4u + ${c}u] = ${value};`;
  const parts = ["x", "y", "z", "w"].slice(0, depth - 4 * c)
    .map((part, i) => `${name}[${at} + ${4 * c + i}u] = value.${part};`);
  return `{ let value = ${value}; ${parts.join(" ")} }`;
}

/** Workgroup memory for rows that are met: by group that is straight-line text, and place in it. */
export function metMemory(name: string, { vectors, unrolled, met }: HeadTile): string {
  return `var<workgroup> ${name}: array<array<vec4<f32>, ${unrolled * vectors}>, ${
    met / unrolled
  }>;`;
}

/**
 * The loop over all tokens.
 *
 * @param load Puts vector `c` of the row of token `token` (clamped to the last) at `[group][place]`.
 * @param each Statements for one group of rows, `group`, the first of which is token `token0`.
 * @param also Statements of some threads that load besides.
 */
export function overTokens(tile: HeadTile, load: string, each: string, also = ""): string {
  const { vectors, unrolled, met, threads } = tile;
  const count = met * vectors, line = unrolled * vectors;
  const steps = lines(Math.ceil(count / threads), (i) => {
    const guarded = (i + 1) * threads > count;
    return `${guarded ? `if (lix + ${i * threads}u < ${count}u)` : ""} {
      let e = lix + ${i * threads}u;
      let group = e / ${line}u;
      let place = e % ${line}u;
      let token = min(start + e / ${vectors}u, numbers.tokens - 1u);
      let c = e % ${vectors}u;
      ${load}
    }`;
  });
  return `for (var start = 0u; start < numbers.tokens; start += ${met}u) {
    workgroupBarrier();
    ${steps}
    ${also}
    workgroupBarrier();
    let groupsHere = (min(${met}u, numbers.tokens - start) + ${unrolled - 1}u) / ${unrolled}u;
    for (var group = 0u; group < groupsHere; group++) {
      let token0 = start + group * ${unrolled}u;
      ${each}
    }
  }`;
}

/**
 * A statement: `result` is the scalar product of the vectors `a0, a1 ...` and `b0, b1 ...`, plus what it
 * begins with. One number after the other, since there are many such chains to keep a device busy, and
 * every sum less counts.
 */
export function dotOf(
  { depth }: HeadTile,
  a: string,
  b: string,
  result: string,
  begin?: string,
): string {
  const pairs = Array.from({ length: depth }, (_, i) => {
    const part = `${i >> 2}.${"xyzw"[i & 3]}`;
    return [`${a}${part}`, `${b}${part}`];
  });
  const [[x, y], ...rest] = pairs as [string[], ...string[][]];
  const first = begin === undefined ? `${x} * ${y}` : `fma(${x}, ${y}, ${begin})`;
  const sum = rest.map(([x, y]) => `${result}_sum = fma(${x}, ${y}, ${result}_sum);`);
  return `var ${result}_sum = ${first}; ${sum.join(" ")} let ${result} = ${result}_sum;`;
}

/** A kernel, and how many workgroups a head has. */
export interface HeadKernel {
  readonly kernel: Kernel;
  readonly blocks: number;
}

/** Numbers of every kernel of attention. */
export const NUMBERS = ["tokens: u32", "width: u32"];

/** The kernel of some name for some tokens of a head, and how it is called. */
export function headKernel(
  name: string,
  tokens: number,
  tile: HeadTile,
  make: () => KernelCode,
): HeadKernel {
  const blocks = Math.ceil(tokens / (tile.threads * tile.per));
  return { kernel: kernelOf(`${name} ${tileKey(tile)}`, make), blocks };
}

/** Where a thread of block `wid.x`, head `wid.y`, body `wid.z` is: its rows are `row0`, `row1` ... */
export function place({ depth, threads, per }: HeadTile): string {
  return `let width3 = 3u * numbers.width;
    let column = wid.y * ${depth}u;
    let first = wid.z * numbers.tokens;
    let firstEnd = (wid.z * groups.y + wid.y) * numbers.tokens;
    ${
    lines(per, (p) =>
      `let own${p} = (wid.x * ${per}u + ${p}u) * ${threads}u + lix;
       let row${p} = first + min(own${p}, numbers.tokens - 1u);
       let end${p} = firstEnd + min(own${p}, numbers.tokens - 1u);`)
  }`;
}

/** Scores are powers of two: the scale of the softmax times log2(e). */
export const powers = (depth: number) => `${depth ** -0.5 * Math.LOG2E}`;
