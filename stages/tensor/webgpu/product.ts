/**
 * Matrix products as kernels: C[z] (M x N) = A[z] (M x K) B[z] (K x N), tiled and register-blocked.
 *
 * An operation says how four numbers of an operand are loaded and how four of the result are stored,
 * so that whatever comes before and after the product is done on the way. The text is generated with
 * one loop, over steps of K; all inside is straight-line, since compilers for WGSL neither unroll nor
 * keep indexed arrays in registers. A step's pieces of A and B lie in workgroup memory, four rows (or
 * columns) of one k in a vector, so that both are read as vectors; the next step's pieces are loaded
 * into registers meanwhile. The outer index varies and the inner one is a literal: the check of the
 * outer index is then the same for all reads and leaves the loop. The odd number of vectors in a line
 * keeps threads that read different lines off each other's banks.
 *
 * @module
 */
import { type Binding, type Kernel, kernelOf } from "./kernel_code.ts";
import { columnMoments, momentsMemory } from "./product_moments.ts";

/** How a product is cut. Powers of two. */
export interface Tile {
  /** Rows of the result that a workgroup has. */
  readonly m: number;
  /** Columns: at least 4 threads' worth. */
  readonly n: number;
  /** Depth of a step: 4, 8, 16 or 32. */
  readonly k: number;
  /** Rows that a thread has: 1, 2, or a multiple of 4. */
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
   * An expression of vec4<f32>: numbers (out$, k$ .. k$ + 3), or (out$ .. out$ + 3, k$); zeros where
   * `out$` or `k$` lie beyond the end. It sees `k$` (u32) and what `prepare` defined.
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

/** A tile in few letters. */
export function tileName({ m, n, k, perM, perN }: Tile): string {
  return `${m}x${n}x${k}/${perM}x${perN}`;
}

/** Bytes of workgroup memory that a tile takes, moments of the columns included. */
export function tileBytes(tile: Tile): number {
  return 4 * (tile.m + tile.n) * (tile.k + 1) + 16 * threadsOf(tile);
}

/** Workgroups of a call. */
export function productGroups(
  { m, n }: Tile,
  M: number,
  N: number,
  batch = 1,
): [number, number, number] {
  return [Math.ceil(N / n), Math.ceil(M / m), batch];
}

/**
 * The kernel of a product.
 *
 * @throws {RangeError} If the tile's sizes do not fit each other.
 */
export function product(code: ProductCode, tile: Tile): Kernel {
  return kernelOf(`${code.key} ${tileName(tile)}`, () => {
    check(tile);
    return {
      bindings: code.bindings,
      numbers: code.numbers ?? [],
      workgroup: [threadsOf(tile)],
      declarations: [
        code.declarations ?? "",
        memory("tileA", tile.m, tile, tile.perM % 4 === 0),
        memory("tileB", tile.n, tile, true),
        code.moments === undefined ? "" : momentsMemory(tile),
      ].join("\n"),
      main: statements(code, tile),
    };
  });
}

function check(tile: Tile): void {
  const { m, n, k, perM, perN } = tile;
  const whole = [m, n, k, perM, perN].every((size) => Number.isInteger(Math.log2(size)));
  const fits = perN >= 4 && perM <= m && perN <= n && k >= 4 && m >= 4;
  if (!whole || !fits) throw new RangeError(`a product has no tile ${tileName(tile)}`);
}

/** A step's piece of an operand: by line of four, and by k; or by line of one. */
function memory(name: string, lines: number, { k }: Tile, four: boolean): string {
  return four
    ? `var<workgroup> ${name}: array<array<vec4<f32>, ${k + 1}>, ${lines / 4}>;`
    : `var<workgroup> ${name}: array<array<f32, ${k + 1}>, ${lines}>;`;
}

function statements(code: ProductCode, tile: Tile): string {
  const [down, across] = [tile.m / tile.perM, tile.n / tile.perN];
  const rows = Array.from({ length: tile.perM }, (_, i) => i);
  const columns = Array.from({ length: tile.perN / 4 }, (_, j) => j);
  const a = new Pieces("A", code.loadA, tile.m, tile, tile.perM % 4 === 0);
  const b = new Pieces("B", code.loadB, tile.n, tile, true);
  // Thread rows interleave by four (or one), so that neighbours read and store neighbouring memory.
  const rowOf = (i: number) =>
    tile.perM % 4 === 0
      ? `(${(i >> 2) * down}u + threadRow) * 4u + ${i & 3}u`
      : `${i * down}u + threadRow`;
  const columnOf = (j: number) => `(${j * across}u + threadColumn) * 4u`;
  return `
${code.begin}
${threadPlace(down, across)}
let firstRow = wid.y * ${tile.m}u;
let firstColumn = wid.x * ${tile.n}u;
${a.prepare("firstRow")}
${b.prepare("firstColumn")}
${
    columns.map((j) =>
      code.initial === undefined
        ? `let initial${j} = vec4<f32>();`
        : `var initial${j}: vec4<f32>; ` +
          `{ let col = firstColumn + ${columnOf(j)}; initial${j} = ${code.initial}; }`
    ).join("\n")
  }
${rows.flatMap((i) => columns.map((j) => `var c${i}_${j} = initial${j};`)).join("\n")}
${a.load("0u")}
${b.load("0u")}
for (var step = 0u; step < K; step += ${tile.k}u) {
  workgroupBarrier();
${a.keep()}
${b.keep()}
  workgroupBarrier();
  let next = step + ${tile.k}u;
  if (next < K) {
${a.load("next")}
${b.load("next")}
  }
${Array.from({ length: tile.k }, (_, k) => stepOf(k, tile, down, across)).join("\n")}
}
${
    rows.flatMap((i) =>
      columns.map((j) =>
        `{ let row = firstRow + ${rowOf(i)}; let col = firstColumn + ${columnOf(j)}; ` +
        `let value = c${i}_${j}; ${code.store} }`
      )
    ).join("\n")
  }
${code.moments === undefined ? "" : columnMoments(code.moments, tile, rowOf, columnOf)}
${code.epilogue ?? ""}`;
}

/**
 * Where a thread's sums lie. Thirty-two neighbours that run in step have a patch of 4 x 8, so that they
 * read few different vectors.
 */
function threadPlace(down: number, across: number): string {
  if (down % 4 !== 0 || across % 8 !== 0) {
    return `let threadColumn = lix % ${across}u;
let threadRow = lix / ${across}u;`;
  }
  const patches = across / 8;
  return `let block = lix / 32u;
let threadColumn = (block % ${patches}u) * 8u + lix % 8u;
let threadRow = (block / ${patches}u) * 4u + (lix / 8u) % 4u;`;
}

/** The products of one k. */
function stepOf(k: number, { perM, perN }: Tile, down: number, across: number): string {
  const lines: string[] = [];
  const four = perM % 4 === 0;
  for (let i = 0; i < perM; i += four ? 4 : 1) {
    const line = four ? (i / 4) * down : i * down;
    lines.push(`let a${i} = tileA[${line}u + threadRow][${k}];`);
  }
  for (let j = 0; j < perN / 4; j++) {
    lines.push(`let b${j} = tileB[${j * across}u + threadColumn][${k}];`);
  }
  for (let i = 0; i < perM; i++) {
    const one = four ? `a${i & ~3}.${"xyzw"[i & 3]}` : `a${i}`;
    for (let j = 0; j < perN / 4; j++) {
      lines.push(`c${i}_${j} = fma(vec4<f32>(${one}), b${j}, c${i}_${j});`);
    }
  }
  return `  {\n${lines.join("\n")}\n  }`;
}

/** The places of an operand that a thread loads. */
class Pieces {
  readonly #name: string;
  readonly #load: OperandLoad;
  /** Vectors in a step's piece. */
  readonly #vectors: number;
  readonly #threads: number;
  readonly #lines: number;
  readonly #k: number;
  readonly #four: boolean;
  readonly #places: readonly number[];

  constructor(name: string, load: OperandLoad, lines: number, tile: Tile, four: boolean) {
    this.#name = name;
    this.#load = load;
    this.#lines = lines;
    this.#k = tile.k;
    this.#four = four;
    this.#vectors = lines * tile.k / 4;
    this.#threads = threadsOf(tile);
    const count = Math.ceil(this.#vectors / this.#threads);
    this.#places = Array.from({ length: count }, (_, i) => i);
  }

  prepare(first: string): string {
    return this.#each((place, i) =>
      `
let vector$ = lix + ${i * this.#threads}u;
${this.#divide()}
let out$ = ${first} + line$;
${this.#load.prepare ?? ""}
var piece$ = vec4<f32>();`.replaceAll("$", place)
    );
  }

  /** Which place a thread has. Along K, 32 neighbours have 16 lines of 8 numbers: whole sectors. */
  #divide(): string {
    const [k, lines] = [this.#k, this.#lines];
    if (this.#load.along === "out") {
      return `let line$ = (vector$ % ${lines / 4}u) * 4u;
let depth$ = vector$ / ${lines / 4}u;`;
    }
    if (k === 4 || lines < 16) {
      return `let line$ = vector$ / ${k / 4}u;
let depth$ = (vector$ % ${k / 4}u) * 4u;`;
    }
    return `let line$ = (vector$ / ${4 * k}u) * 16u + (vector$ / 2u) % 16u;
let depth$ = ((vector$ / 32u) % ${k / 8}u) * 8u + (vector$ % 2u) * 4u;`;
  }

  load(step: string): string {
    return this.#each((place) =>
      this.#guarded(`let k$ = ${step} + depth$; piece$ = ${this.#load.value};`)
        .replaceAll("$", place)
    );
  }

  /** Puts what was loaded into workgroup memory. */
  keep(): string {
    const tile = `tile${this.#name}`;
    const parts = ["x", "y", "z", "w"];
    const text = this.#load.along === "k"
      ? parts.map((part, i) =>
        this.#four
          ? `${tile}[line$ / 4u][depth$ + ${i}u][line$ % 4u] = piece$.${part};`
          : `${tile}[line$][depth$ + ${i}u] = piece$.${part};`
      ).join(" ")
      : this.#four
      ? `${tile}[line$ / 4u][depth$] = piece$;`
      : parts.map((part, i) => `${tile}[line$ + ${i}u][depth$] = piece$.${part};`).join(" ");
    return this.#each((place) => this.#guarded(text).replaceAll("$", place));
  }

  /** Where there are fewer vectors than threads, the last threads have none. */
  #guarded(text: string): string {
    return this.#vectors % this.#threads === 0
      ? `{ ${text} }`
      : `if (vector$ < ${this.#vectors}u) { ${text} }`;
  }

  #each(text: (place: string, i: number) => string): string {
    return this.#places.map((i) => text(`${this.#name}${i}`, i)).join("\n");
  }
}
