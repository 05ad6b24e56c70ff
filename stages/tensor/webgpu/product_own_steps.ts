/**
 * A product's steps with every thread loading what it needs, without workgroup memory. Software adapters
 * pay for a read of workgroup memory more than for one of a tensor, so there large tiles of a thread are
 * all that counts.
 *
 * @module
 */
import type { OperandLoad, ProductCode, Tile } from "./product.ts";
import { placesOf, type Steps } from "./product_steps.ts";

/** See the module. */
export function ownSteps(code: ProductCode, tile: Tile): Steps {
  const { rowOf, columnOf } = placesOf(tile);
  const a = new Lines("A", code.loadA, tile.perM, (i) => `firstRow + ${rowOf(i)}`);
  const b = new Lines(
    "B",
    code.loadB,
    tile.perN,
    (i) => `firstColumn + ${columnOf(i >> 2)} + ${i & 3}u`,
  );
  const depths = Array.from({ length: tile.k / 4 }, (_, i) => productsOf(4 * i, tile, a, b));
  return {
    memory: "",
    prepare: `${a.prepare()}\n${b.prepare()}`,
    loop: `for (var step = 0u; step < K; step += ${tile.k}u) {
let base = step;
${code.step ?? ""}
${depths.join("\n")}
}`,
  };
}

/** The products of four k. */
function productsOf(first: number, tile: Tile, a: Lines, b: Lines): string {
  const { rows, columns } = placesOf(tile);
  const lines = [a.load(first), b.load(first)];
  for (let k = first; k < first + 4; k++) {
    for (const j of columns) {
      lines.push(`let b${k}_${j} = ${b.four(4 * j, k)};`);
    }
    for (const i of rows) {
      for (const j of columns) {
        lines.push(`c${i}_${j} = fma(vec4<f32>(${a.one(i, k)}), b${k}_${j}, c${i}_${j});`);
      }
    }
  }
  return `{\n${lines.join("\n")}\n}`;
}

/** The rows of A, or columns of B, that a thread has. */
class Lines {
  readonly #name: string;
  readonly #load: OperandLoad;
  readonly #places: readonly number[];
  readonly #outOf: (line: number) => string;

  constructor(name: string, load: OperandLoad, lines: number, outOf: (line: number) => string) {
    this.#name = name;
    this.#load = load;
    this.#outOf = outOf;
    const each = load.along === "k" ? 1 : 4;
    this.#places = Array.from({ length: Math.ceil(lines / each) }, (_, i) => i * each);
  }

  prepare(): string {
    return this.#each((line) => `let out$ = ${this.#outOf(line)};\n${this.#load.prepare ?? ""}`);
  }

  /** Loads four k, relative to the step. */
  load(first: number): string {
    if (this.#load.along === "k") {
      return this.#each(() =>
        `var piece$_${first} = vec4<f32>(); ` +
        `{ let k$ = base + ${first}u; piece$_${first} = ${this.#load.value}; }`
      );
    }
    return [0, 1, 2, 3].map((i) =>
      this.#each(() =>
        `var piece$_${first + i} = vec4<f32>(); ` +
        `{ let k$ = base + ${first + i}u; piece$_${first + i} = ${this.#load.value}; }`
      )
    ).join("\n");
  }

  /** One number. */
  one(line: number, k: number): string {
    return this.#load.along === "k"
      ? `piece${this.#name}${line}_${k & ~3}.${"xyzw"[k & 3]}`
      : `piece${this.#name}${line & ~3}_${k}.${"xyzw"[line & 3]}`;
  }

  /** Numbers of four lines. */
  four(line: number, k: number): string {
    if (this.#load.along === "out") return `piece${this.#name}${line}_${k}`;
    return `vec4<f32>(${[0, 1, 2, 3].map((i) => this.one(line + i, k)).join(", ")})`;
  }

  #each(text: (line: number) => string): string {
    return this.#places.map((line) => text(line).replaceAll("$", `${this.#name}${line}`)).join(
      "\n",
    );
  }
}
