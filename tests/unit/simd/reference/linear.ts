/** Matrix products and dense layers in float64. */
import type { Numbers, ReferenceOp } from "./reference_op.ts";

/** A matrix (rows, columns) by its numbers, row by row, or by those of its transpose. */
export interface Matrix {
  readonly values: Numbers;
  readonly rows: number;
  readonly columns: number;
  readonly turned?: boolean;
}

/** a b, (rows of a, columns of b). */
export function matrixProduct(a: Matrix, b: Matrix): Float64Array {
  const out = new Float64Array(a.rows * b.columns);
  for (let i = 0; i < a.rows; i++) {
    for (let j = 0; j < b.columns; j++) {
      let sum = 0;
      for (let k = 0; k < a.columns; k++) sum += at(a, i, k) * at(b, k, j);
      out[i * b.columns + j] = sum;
    }
  }
  return out;
}

function at({ values, rows, columns, turned = false }: Matrix, i: number, j: number): number {
  return values[turned ? j * rows + i : i * columns + j]!;
}

/** Sums of the columns of (rows, columns). */
export function columnSums(x: Numbers, columns: number): Float64Array {
  const sums = new Float64Array(columns);
  for (let i = 0; i < x.length; i++) sums[i % columns]! += x[i]!;
  return sums;
}

/** y = x w^T + b for x (rows, inner), w (outer, inner), b (outer). */
export function linear(rows: number, inner: number, outer: number): ReferenceOp {
  const x = (values: Numbers) => ({ values, rows, columns: inner });
  const flow = (values: Numbers) => ({ values, rows, columns: outer });
  return {
    sizes: [rows * inner, outer * inner, outer],
    forward: ([xs, ws, bs]) =>
      matrixProduct(x(xs!), { values: ws!, rows: inner, columns: outer, turned: true })
        .map((y, i) => y + bs![i % outer]!),
    gradient: ([xs, ws], dy) => [
      matrixProduct(flow(dy), { values: ws!, rows: outer, columns: inner }),
      matrixProduct({ values: dy, rows: outer, columns: rows, turned: true }, x(xs!)),
      columnSums(dy, outer),
    ],
  };
}
