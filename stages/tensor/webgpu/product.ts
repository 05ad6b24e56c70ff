/**
 * Matrix products as kernels: C[z] (M x N) = A[z] (M x K) B[z] (K x N), tiled and register-blocked.
 *
 * An operation says how four numbers of an operand are loaded and how four of the result are stored,
 * so that whatever comes before and after the product is done on the way. The text is generated with
 * one loop, over steps of K; all inside is straight-line, since compilers for WGSL neither unroll nor
 * keep indexed arrays in registers. Threads of a workgroup share what they load ({@link sharedSteps});
 * with steps of 4 each loads for itself ({@link ownSteps}), which suits software adapters.
 *
 * @module
 */
import { type Binding, type Kernel, kernelOf } from "./kernel_code.ts";
import { columnMoments, momentsMemory } from "./product_moments.ts";
import { ownSteps } from "./product_own_steps.ts";
import { sharedSteps } from "./product_shared_steps.ts";
import { placesOf, type Steps } from "./product_steps.ts";

/** How a product is cut. Powers of two. */
export interface Tile {
  /** Rows of the result that a workgroup has. */
  readonly m: number;
  /** Columns: at least 4 threads' worth. */
  readonly n: number;
  /** Depth of a step: 8, 16 or 32; or 4, with which every thread loads for itself. */
  readonly k: number;
  /** Rows that a thread has: 1, 2, or a multiple of 4 (which it must be where k is 4). */
  readonly perM: number;
  /** Columns that a thread has: a multiple of 4. */
  readonly perN: number;
}

/**
 * How an operand comes.
 *
 * A thread loads the same few places of every step's piece. In all texts, `$` stands for the place:
 * names that end in it are the place's own.
 */
export interface OperandLoad {
  /** What four numbers in a row of memory lie along: K, or the rows of A (the columns of B). */
  readonly along: "k" | "out";
  /**
   * Statements run once per place before the loop. They see `out$` (u32: the row or column, or the
   * first of four), and may define names that end in `$` for `value`. `out$` may lie beyond the end.
   */
  readonly prepare?: string;
  /**
   * An expression of vec4<f32>: numbers (out$, k$ .. k$ + 3), or (out$ .. out$ + 3, k$). Where `k$` lies
   * beyond the end it gives zeros of one operand at least, and of the other whatever is finite; what it
   * gives where `out$` does is in no result. It sees `k$` (u32) and what `prepare` defined.
   */
  readonly value: string;
}

/** What a product is of. */
export interface ProductCode {
  /** Says all that the text hangs on but the tile. */
  readonly key: string;
  readonly bindings: readonly Binding[];
  readonly numbers?: readonly string[];
  /** Functions that the snippets use. */
  readonly declarations?: string;
  /**
   * Statements run once per thread: define `M`, `N` and `K` (u32, the same for all threads of a
   * workgroup) of the product that `wid.z` has. K may be zero.
   */
  readonly begin: string;
  /**
   * Statements run before the loads of a step, the same for all threads. They see `base` (u32), the
   * step's first k; the operands' values see what they define.
   */
  readonly step?: string;
  /**
   * Which tile of columns a workgroup has, an expression of u32 (default: `wid.x`), where workgroups
   * that lie side by side in x have other things too, such as several products.
   */
  readonly columnTile?: string;
  readonly loadA: OperandLoad;
  readonly loadB: OperandLoad;
  /**
   * What the sums of columns `col` .. `col + 3` (u32) begin with, an expression of vec4<f32> (default:
   * zeros).
   */
  readonly initial?: string;
  /**
   * A statement that stores `value` (vec4<f32>) at `row`, columns `col` .. `col + 3` (u32, `col` a
   * multiple of 4); it guards row < M and col + i < N itself.
   */
  readonly store: string;
  /**
   * A binding (f32, written) that takes the moments of the stored columns by tile of rows:
   * (batch, ceil(M / tile.m), 2, N), means and sums of squared deviations from them.
   */
  readonly moments?: string;
  /** Statements after all stores, run by all threads; `c{row}_{column / 4}` are the thread's sums. */
  readonly epilogue?: string;
}

/** Threads of a workgroup. */
export function threadsOf({ m, n, perM, perN }: Tile): number {
  return (m / perM) * (n / perN);
}

/** A tile in few letters; one of a single number stands for doing without. */
export function tileName({ m, n, k, perM, perN }: Tile): string {
  if (m === 1) return "directly";
  return `${m}x${n}x${k}/${perM}x${perN}`;
}

/** Bytes of workgroup memory that a tile takes, moments of the columns included. */
export function tileBytes(tile: Tile): number {
  const pieces = loadsAlone(tile) ? 0 : 4 * (tile.m + tile.n) * (tile.k + 1);
  return pieces + 16 * threadsOf(tile);
}

/** Whether each thread loads for itself: a step of 4 is not worth waiting for others. */
export function loadsAlone({ k }: Tile): boolean {
  return k === 4;
}

/** Workgroups along an axis, at most, on any device. */
const MOST_GROUPS = 65535;

/**
 * Workgroups of a call.
 *
 * @throws {RangeError} If there are more than a device takes.
 */
export function productGroups(
  tile: Tile,
  M: number,
  N: number,
  batch = 1,
): [number, number, number] {
  const groups: [number, number, number] = [Math.ceil(N / tile.n), Math.ceil(M / tile.m), batch];
  if (Math.max(...groups) <= MOST_GROUPS) return groups;
  throw new RangeError(
    `${batch} products of ${M} rows and ${N} columns are more tiles of ${tileName(tile)} than a ` +
      `device takes, ${MOST_GROUPS} along each axis: expected fewer clips at once`,
  );
}

/**
 * The kernel of a product.
 *
 * @throws {RangeError} If the tile's sizes do not fit each other.
 */
export function product(code: ProductCode, tile: Tile): Kernel {
  return kernelOf(`${code.key} ${tileName(tile)}`, () => {
    check(tile);
    const steps = loadsAlone(tile) ? ownSteps(code, tile) : sharedSteps(code, tile);
    return {
      bindings: code.bindings,
      numbers: code.numbers ?? [],
      workgroup: [threadsOf(tile)],
      declarations: [
        code.declarations ?? "",
        steps.memory,
        code.moments === undefined ? "" : momentsMemory(tile),
      ].join("\n"),
      main: statements(code, tile, steps),
    };
  });
}

function check(tile: Tile): void {
  const { m, n, k, perM, perN } = tile;
  const whole = [m, n, k, perM, perN].every((size) => Number.isInteger(Math.log2(size)));
  const fits = perN >= 4 && perM <= m && perN <= n && k >= 4 && m >= 4 && (k > 4 || perM >= 4);
  if (!whole || !fits) throw new RangeError(`a product has no tile ${tileName(tile)}`);
}

function statements(code: ProductCode, tile: Tile, steps: Steps): string {
  const places = placesOf(tile);
  const { rows, columns, rowOf, columnOf } = places;
  return `
${code.begin}
${places.thread}
let firstRow = wid.y * ${tile.m}u;
let firstColumn = (${code.columnTile ?? "wid.x"}) * ${tile.n}u;
${steps.prepare}
${
    columns.map((j) =>
      code.initial === undefined
        ? `let initial${j} = vec4<f32>();`
        : `var initial${j}: vec4<f32>; ` +
          `{ let col = firstColumn + ${columnOf(j)}; initial${j} = ${code.initial}; }`
    ).join("\n")
  }
${rows.flatMap((i) => columns.map((j) => `var c${i}_${j} = initial${j};`)).join("\n")}
${steps.loop}
${
    rows.flatMap((i) =>
      columns.map((j) =>
        `{ let row = firstRow + ${rowOf(i)}; let col = firstColumn + ${columnOf(j)}; ` +
        `let value = c${i}_${j}; ${code.store} }`
      )
    ).join("\n")
  }
${code.moments === undefined ? "" : columnMoments(code.moments, tile, places)}
${code.epilogue ?? ""}`;
}
