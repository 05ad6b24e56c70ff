/**
 * The two matrix products of a linear classifier on batches, in WebAssembly vectors: float64 sums, each
 * in the order of its terms, so that the bytes are those of a plain loop, on every machine.
 *
 * On one core they run at some 6 to 8 thousand million multiply-adds a second, which makes 150 epochs
 * over 40,000 x 256 features and 60 classes less than half a minute.
 *
 * @module
 */
import {
  ADD,
  ADD_PAIRS,
  type Code,
  get,
  I32,
  i32,
  LOAD_TWICE,
  loadPair,
  loop,
  MUL,
  MULTIPLY_PAIRS,
  set,
  storePair,
  SUB,
  V128,
  wasmModule,
} from "../wasm_code.ts";

/** Rows and columns of the tile whose sums stay in registers. */
const TILE = 4;

/**
 * C (4 tiles x 4) += A B: `A[i, k]` at `a + i aRow + k aStep` bytes, `B[k, j]` at `b + 32 k + 8 j`,
 * `C[i, j]` at `c + i cRow + 8 j`; at least one tile and one k.
 */
type TileProduct = (
  a: number,
  aRow: number,
  aStep: number,
  tiles: number,
  b: number,
  inner: number,
  c: number,
  cRow: number,
) => void;

/** The code of a {@link TileProduct}. */
function tileProductCode(): Uint8Array<ArrayBuffer> {
  const [a, aRow, aStep, tiles, b, inner, c, cRow] = [0, 1, 2, 3, 4, 5, 6, 7];
  const [k, from, rowA, rowC] = [8, 12, 9, 13];
  // Addresses of A's other rows are 9 to 11, of C's 13 to 15; then vectors.
  const aRows = [a, rowA, rowA + 1, rowA + 2], cRows = [c, rowC, rowC + 1, rowC + 2];
  const sum = (row: number, half: number) => 16 + 2 * row + half;
  const [b0, b1, x] = [24, 25, 26];
  const rows = [0, 1, 2, 3];
  const each = (of: (row: number) => Code): Code => rows.flatMap(of);
  const advance = (pointer: number, by: Code): Code => [
    ...get(pointer),
    ...by,
    ...ADD,
    ...set(pointer),
  ];
  const next = (pointers: readonly number[], step: number): Code =>
    [1, 2, 3].flatMap((row) => [
      ...get(pointers[row - 1]!),
      ...get(step),
      ...ADD,
      ...set(pointers[row]!),
    ]);
  const accumulate = (row: number): Code => [
    ...[...get(aRows[row]!), ...LOAD_TWICE, ...set(x)],
    ...[b0, b1].flatMap((right, half) => [
      ...get(sum(row, half)),
      ...[...get(x), ...get(right), ...MULTIPLY_PAIRS],
      ...[...ADD_PAIRS, ...set(sum(row, half))],
    ]),
  ];
  const repeat = (counter: number, ...body: readonly Code[]): Code => loop(...body, get(counter));
  return wasmModule([{
    name: "run",
    parameters: 8,
    returns: false,
    locals: [[8, I32], [11, V128]],
    body: [
      repeat(
        tiles,
        next(aRows, aRow),
        next(cRows, cRow),
        each((row) =>
          [0, 1].flatMap((half) => [
            ...get(cRows[row]!),
            ...loadPair(16 * half),
            ...set(sum(row, half)),
          ])
        ),
        [...get(b), ...set(from), ...get(inner), ...set(k)],
        repeat(
          k,
          [...get(from), ...loadPair(0), ...set(b0), ...get(from), ...loadPair(16), ...set(b1)],
          each(accumulate),
          each((row) => advance(aRows[row]!, get(aStep))),
          advance(from, i32(32)),
          [...get(k), ...i32(1), ...SUB, ...set(k)],
        ),
        each((row) =>
          [0, 1].flatMap((half) => [
            ...get(cRows[row]!),
            ...get(sum(row, half)),
            ...storePair(16 * half),
          ])
        ),
        // The first row's address has walked along the inner dimension: the last row's has too.
        [...get(rowA + 2), ...get(aRow), ...ADD],
        [...get(inner), ...get(aStep), ...MUL, ...SUB, ...set(a)],
        [...get(rowC + 2), ...get(cRow), ...ADD, ...set(c)],
        [...get(tiles), ...i32(1), ...SUB, ...set(tiles)],
      ),
    ],
  }]);
}

let compiled: WebAssembly.Module | undefined;

/** Sizes of a linear classifier and its batches. */
export interface BatchSizes {
  /** Rows of a batch, at most. */
  readonly rows: number;
  readonly classes: number;
  /** Features. */
  readonly columns: number;
}

/** A batch of rows and weights, where the products find them. */
export class BatchProducts {
  /** Logits, or what took their place: (rows, {@link stride}). */
  readonly errors: Float64Array;
  /** Numbers from one row of {@link errors} to the next. */
  readonly stride: number;
  /** Gradient of the weights: (classes, {@link gradientStride}). */
  readonly gradient: Float64Array;
  /** Numbers from one row of {@link gradient} to the next. */
  readonly gradientStride: number;
  readonly #sizes: BatchSizes;
  /** The batch row by row, and as panels (columns / 4, rows, 4). */
  readonly #x: Float64Array;
  readonly #panels: Float64Array;
  /** The weights as panels (classes / 4, columns, 4). */
  readonly #weights: Float64Array;
  readonly #product: TileProduct;

  constructor(sizes: BatchSizes) {
    const { classes, columns } = sizes;
    const rows = up(sizes.rows);
    this.#sizes = sizes;
    this.stride = up(classes);
    this.gradientStride = up(columns);
    const counts = [
      rows * this.stride,
      this.stride * this.gradientStride,
      rows * this.gradientStride,
      rows * this.gradientStride,
      this.stride * this.gradientStride,
    ];
    const total = counts.reduce((sum, count) => sum + count);
    const memory = new WebAssembly.Memory({ initial: Math.ceil(8 * total / 65536) });
    let at = 0;
    const take = (count: number) => {
      at += count;
      return new Float64Array(memory.buffer, 8 * (at - count), count);
    };
    [this.errors, this.gradient, this.#x, this.#panels, this.#weights] = counts.map(take) as [
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
    ];
    compiled ??= new WebAssembly.Module(tileProductCode());
    const { exports } = new WebAssembly.Instance(compiled, { env: { memory } });
    this.#product = exports.run as TileProduct;
  }

  /** Takes the weights (classes, columns), which later logits are computed with. */
  setWeights(weights: Float32Array): void {
    const { classes, columns } = this.#sizes;
    for (let c = 0; c < classes; c++) {
      const to = (c - c % TILE) * columns + c % TILE, from = c * columns;
      for (let d = 0; d < columns; d++) this.#weights[to + TILE * d] = weights[from + d]!;
    }
  }

  /**
   * Takes a row of the batch.
   *
   * @param values Numbers of which the row's begin at `from`.
   */
  setRow(row: number, values: Float32Array, from: number): void {
    const { columns, rows } = this.#sizes;
    const to = row * this.gradientStride;
    for (let d = 0; d < columns; d++) {
      const value = values[from + d]!;
      this.#x[to + d] = value;
      this.#panels[(d - d % TILE) * rows + TILE * row + d % TILE] = value;
    }
  }

  /** `errors[r, c] = bias[c] + sum over d of x[r, d] weights[c, d]` for the first so many rows. */
  logits(rows: number, bias: Float32Array): void {
    const { classes, columns } = this.#sizes;
    const { errors, stride } = this;
    const padded = up(rows);
    for (let at = 0; at < padded * stride; at += stride) {
      for (let c = 0; c < classes; c++) errors[at + c] = bias[c]!;
      errors.fill(0, at + classes, at + stride);
    }
    for (let c = 0; c < stride; c += TILE) {
      this.#product(
        this.#x.byteOffset,
        8 * this.gradientStride,
        8,
        padded / TILE,
        this.#weights.byteOffset + 8 * c * columns,
        columns,
        errors.byteOffset + 8 * c,
        8 * stride,
      );
    }
  }

  /** `gradient[c, d] = sum over r of errors[r, c] x[r, d]` over all rows of a batch. */
  outerSum(): void {
    const { rows } = this.#sizes;
    const { errors, gradient, stride, gradientStride } = this;
    gradient.fill(0);
    for (let d = 0; d < gradientStride; d += TILE) {
      this.#product(
        errors.byteOffset,
        8,
        8 * stride,
        stride / TILE,
        this.#panels.byteOffset + 8 * d * rows,
        rows,
        gradient.byteOffset + 8 * d,
        8 * gradientStride,
      );
    }
  }
}

function up(count: number): number {
  return TILE * Math.ceil(count / TILE);
}
