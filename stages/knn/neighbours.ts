/**
 * The nearest rows of a bank, by cosine: all products of some queries with blocks of the bank, in
 * WebAssembly, and of each only what is nearest kept.
 *
 * @module
 */
import { BatchProducts } from "../linear_eval/batch_products.ts";
import type { RowMatrix } from "../metrics/row_matrix.ts";

/** Queries and bank rows whose cosines are worked out at once. */
const ROWS = 128, BANK = 512;

/** What is nearest to some queries. Nearer comes first; of equal cosines, the earlier bank row. */
export interface Neighbours {
  /** Bank rows (queries, k), row-major. */
  readonly rows: Int32Array;
  /** Their cosines, likewise. */
  readonly cosines: Float64Array;
  /** For each query the classes that the bank has, by their nearest row: (queries, classes present). */
  readonly classes: Int32Array;
}

/** A bank of rows of length 1 with the class of each. */
export class Bank {
  /** Rows of the bank. */
  readonly size: number;
  readonly #columns: number;
  /** The rows in whole blocks; those after the last are zero. */
  readonly #padded: Float32Array;
  /** Of each row, the place of its class among those present. */
  readonly #owners: Int32Array;
  /** Classes that have a row, ascending. */
  readonly #present: readonly number[];
  readonly #products: BatchProducts;

  /**
   * @param rows Unit rows, at least one.
   * @param labels Class of each.
   */
  constructor(rows: RowMatrix, labels: ArrayLike<number>) {
    const blocks = Math.ceil(rows.rows / BANK);
    this.size = rows.rows;
    this.#columns = rows.columns;
    this.#padded = new Float32Array(blocks * BANK * rows.columns);
    this.#padded.set(rows.values);
    this.#present = [...new Set(Array.from(labels))].sort((a, b) => a - b);
    const place = new Map(this.#present.map((label, i) => [label, i]));
    this.#owners = Int32Array.from(labels, (label) => place.get(label)!);
    this.#products = new BatchProducts({ rows: ROWS, classes: BANK, columns: rows.columns });
  }

  /**
   * Finds the nearest rows.
   *
   * @param queries Unit rows as wide as the bank's.
   * @param k At most as many as the bank has rows.
   */
  nearest(queries: RowMatrix, k: number): Neighbours {
    const size = this.size, columns = this.#columns;
    const present = this.#present.length;
    const rows = new Int32Array(queries.rows * k);
    const cosines = new Float64Array(queries.rows * k).fill(-Infinity);
    const best = new Float64Array(queries.rows * present).fill(-Infinity);
    const first = new Int32Array(queries.rows * present);
    const { errors: found, stride } = this.#products;
    const none = new Float32Array(BANK);
    for (let from = 0; from < size; from += BANK) {
      const count = Math.min(BANK, size - from);
      this.#products.setWeights(
        this.#padded.subarray(from * columns, (from + BANK) * columns),
      );
      const owners = this.#owners.subarray(from, from + count);
      for (let q = 0; q < queries.rows; q += ROWS) {
        const some = Math.min(ROWS, queries.rows - q);
        for (let r = 0; r < some; r++) {
          this.#products.setRow(r, queries.values, (q + r) * columns);
        }
        this.#products.logits(some, none);
        for (let r = 0; r < some; r++) {
          const list = (q + r) * k, last = list + k - 1;
          const classes = (q + r) * present, line = r * stride;
          let least = cosines[last]!;
          for (let b = 0; b < count; b++) {
            const cosine = found[line + b]!;
            const own = classes + owners[b]!;
            if (cosine > best[own]!) {
              best[own] = cosine;
              first[own] = from + b;
            }
            if (cosine <= least) continue;
            let at = last;
            for (; at > list && cosines[at - 1]! < cosine; at--) {
              cosines[at] = cosines[at - 1]!;
              rows[at] = rows[at - 1]!;
            }
            cosines[at] = cosine;
            rows[at] = from + b;
            least = cosines[last]!;
          }
        }
      }
    }
    return { rows, cosines, classes: this.#classOrder(queries.rows, best, first) };
  }

  #classOrder(queries: number, best: Float64Array, first: Int32Array): Int32Array {
    const present = this.#present.length;
    const order = new Int32Array(queries * present);
    const places = Array.from({ length: present }, (_, i) => i);
    for (let q = 0; q < queries; q++) {
      const at = q * present;
      places.sort((a, b) => best[at + b]! - best[at + a]! || first[at + a]! - first[at + b]!);
      places.forEach((place, i) => order[at + i] = this.#present[place]!);
    }
    return order;
  }
}
