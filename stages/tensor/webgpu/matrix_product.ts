/**
 * Plain matrix products, either operand transposed or not, with a bias.
 *
 * @module
 */
import type { Tensor, Tensor1D } from "@tensorflow/tfjs-core";
import { gpuBackend } from "./gpu_backend.ts";
import type { Binding } from "./kernel_code.ts";
import {
  type OperandLoad,
  product,
  type ProductCode,
  productGroups,
  type Tile,
} from "./product.ts";
import { matrixTile } from "./tiles.ts";

/** How a product is meant. */
export interface MatrixProduct {
  /** A is (K, M) in memory. */
  readonly turnA?: boolean;
  /** B is (N, K) in memory. */
  readonly turnB?: boolean;
  /** Added to every row: (N). */
  readonly bias?: Tensor1D | null;
  /** What it is for, in the table of tiles (default: `matrix`). */
  readonly use?: string;
  /** Instead of the table's. */
  readonly tile?: Tile;
}

/** Names of the parts of a vector. */
export const PARTS = ["x", "y", "z", "w"] as const;

/**
 * C[z] = A[z] B[z], plus the bias.
 *
 * @param a (..., M, K), or (..., K, M) turned; leading axes are a batch.
 * @param b (..., K, N), or (..., N, K) turned.
 * @returns (..., M, N).
 */
export function matrixProduct<T extends Tensor>(a: T, b: T, how: MatrixProduct = {}): T {
  const { turnA = false, turnB = false, bias = null, use = "matrix" } = how;
  const [batch, aRows, aColumns] = flat(a);
  const [, bRows, bColumns] = flat(b);
  const [M, K] = turnA ? [aColumns, aRows] : [aRows, aColumns];
  const [N, depth] = turnB ? [bRows, bColumns] : [bColumns, bRows];
  if (K !== depth) throw new RangeError(`a product of ${a.shape} and ${b.shape} has no inner size`);
  const backend = gpuBackend();
  const c = backend.empty<T>([...a.shape.slice(0, -2), M, N]);
  const code = matrixCode({
    turnA,
    turnB,
    bias: bias !== null,
    wideA: aColumns % 4 === 0,
    wideB: bColumns % 4 === 0,
    wideC: N % 4 === 0,
  });
  const tile = how.tile ?? matrixTile(use, M, N, K, batch);
  backend.run(product(code, tile), {
    tensors: bias === null ? [a, b, c] : [a, b, bias, c],
    groups: productGroups(tile, M, N, batch),
    numbers: [M, N, K],
  });
  return c;
}

function flat({ shape, size }: Tensor): [batch: number, rows: number, columns: number] {
  const [rows, columns] = [shape.at(-2)!, shape.at(-1)!];
  return [size / (rows * columns), rows, columns];
}

interface MatrixForm {
  readonly turnA: boolean;
  readonly turnB: boolean;
  readonly bias: boolean;
  /** Whether rows of the operands, as they lie, are whole vectors. */
  readonly wideA: boolean;
  readonly wideB: boolean;
  readonly wideC: boolean;
}

function matrixCode({ turnA, turnB, bias, wideA, wideB, wideC }: MatrixForm): ProductCode {
  const words = [
    turnA ? "AT" : "A",
    turnB ? "BT" : "B",
    ...[wideA, wideB, wideC].map((wide) => wide ? 4 : 1),
    bias ? "bias" : "",
  ];
  const bindings: Binding[] = [vectors("a", wideA), vectors("b", wideB)];
  if (bias) bindings.push({ name: "bias" });
  return {
    key: `matrix ${words.join(" ").trim()}`,
    bindings: [...bindings, { ...vectors("c", wideC), write: true }],
    numbers: ["M: u32", "N: u32", "K: u32"],
    declarations: [
      rowLoad("loadA", "a", wideA),
      rowLoad("loadB", "b", wideB),
      rowStore("keep", "c", wideC),
    ].join("\n"),
    begin: "let M = numbers.M; let N = numbers.N; let K = numbers.K;",
    loadA: turnA ? outLoad("loadA", "M") : depthLoad("loadA", "M"),
    loadB: turnB ? depthLoad("loadB", "N") : outLoad("loadB", "N"),
    store: bias
      ? "if (row < M && col < N) { keep(wid.z * M + row, N, col, " +
        "value + vec4<f32>(bias[col], bias[min(col + 1u, N - 1u)], bias[min(col + 2u, N - 1u)], " +
        "bias[min(col + 3u, N - 1u)])); }"
      : "if (row < M && col < N) { keep(wid.z * M + row, N, col, value); }",
  };
}

function depthLoad(name: string, lines: "M" | "N"): OperandLoad {
  return {
    along: "k",
    prepare: `let row$ = wid.z * ${lines} + out$;`,
    value: `${name}(row$, K, k$, out$ < ${lines})`,
  };
}

function outLoad(name: string, lines: "M" | "N"): OperandLoad {
  return { along: "out", value: `${name}(wid.z * K + k$, ${lines}, out$, k$ < K)` };
}

/** A binding whose rows are whole vectors, or not. */
export function vectors(name: string, wide: boolean): Binding {
  return { name, type: wide ? "vec4<f32>" : "f32" };
}

/**
 * A function (row, columns, from, known) that loads four numbers of a row of a matrix; zeros beyond its
 * last column, or where the row is not known.
 */
export function rowLoad(name: string, binding: string, wide: boolean): string {
  const head = `fn ${name}(row: u32, columns: u32, first: u32, known: bool) -> vec4<f32> {
  var value = vec4<f32>();
  if (known && first < columns) {`;
  const body = wide
    ? `value = ${binding}[(row * columns + first) / 4u];`
    : `let at = row * columns + first;
let inside = vec4<u32>(first) + vec4<u32>(0u, 1u, 2u, 3u) < vec4<u32>(columns);
value = select(value, vec4<f32>(${
      PARTS.map((_, i) => `${binding}[at + ${i}u]`).join(", ")
    }), inside);`;
  return `${head}\n${body}\n}\nreturn value; }`;
}

/** A function (row, columns, from, value) that stores four numbers of a row of a matrix, or as many as fit. */
export function rowStore(name: string, binding: string, wide: boolean): string {
  const body = wide
    ? `${binding}[(row * columns + first) / 4u] = value;`
    : `let at = row * columns + first;
${
      PARTS.map((part, i) =>
        `if (first + ${i}u < columns) { ${binding}[at + ${i}u] = value.${part}; }`
      ).join("\n")
    }`;
  return `fn ${name}(row: u32, columns: u32, first: u32, value: vec4<f32>) {\n${body}\n}`;
}
