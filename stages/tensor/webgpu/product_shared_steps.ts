/**
 * A product's steps with what is loaded shared by the threads of a workgroup: pieces of A and B lie in
 * workgroup memory, four rows (or columns) of one k in a vector, so that both are read as vectors; the
 * next step's pieces are loaded into registers meanwhile. The outer index varies and the inner one is a
 * literal: the check of the outer index is then the same for all reads and leaves the loop. The odd
 * number of vectors in a line keeps threads that read different lines off each other's banks.
 *
 * @module
 */
import { type OperandLoad, type ProductCode, threadsOf, type Tile } from "./product.ts";
import { placesOf, type Steps } from "./product_steps.ts";

/** See the module. */
export function sharedSteps(code: ProductCode, tile: Tile): Steps {
  const four = tile.perM % 4 === 0;
  const a = new Pieces("A", code.loadA, tile.m, tile, four);
  const b = new Pieces("B", code.loadB, tile.n, tile, true);
  const loads = (first: string) =>
    `{
let base = ${first};
${code.step ?? ""}
${a.load("base")}
${b.load("base")}
}`;
  const depths = Array.from({ length: tile.k }, (_, k) => productsOf(k, tile));
  return {
    memory: `${memory("tileA", tile.m, tile, four)}\n${memory("tileB", tile.n, tile, true)}`,
    prepare: `${a.prepare("firstRow")}\n${b.prepare("firstColumn")}`,
    loop: `${loads("0u")}
for (var step = 0u; step < K; step += ${tile.k}u) {
  workgroupBarrier();
${a.keep()}
${b.keep()}
  workgroupBarrier();
  let next = step + ${tile.k}u;
  if (next < K) ${loads("next")}
${depths.join("\n")}
}`,
  };
}

/** A step's piece of an operand: by line of four, and by k; or by line of one. */
function memory(name: string, lines: number, { k }: Tile, four: boolean): string {
  return four
    ? `var<workgroup> ${name}: array<array<vec4<f32>, ${k + 1}>, ${lines / 4}>;`
    : `var<workgroup> ${name}: array<array<f32, ${k + 1}>, ${lines}>;`;
}

/** The products of one k. */
function productsOf(k: number, tile: Tile): string {
  const { down, across, rows, columns } = placesOf(tile);
  const four = tile.perM % 4 === 0;
  const lines: string[] = [];
  for (let i = 0; i < tile.perM; i += four ? 4 : 1) {
    const line = four ? (i / 4) * down : i * down;
    lines.push(`let a${i} = tileA[${line}u + threadRow][${k}];`);
  }
  for (const j of columns) {
    lines.push(`let b${j} = tileB[${j * across}u + threadColumn][${k}];`);
  }
  for (const i of rows) {
    const one = four ? `a${i & ~3}.${"xyzw"[i & 3]}` : `a${i}`;
    for (const j of columns) {
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
    if (lines < 16) {
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
