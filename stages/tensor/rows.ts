/**
 * Moving and combining whole rows of the leading axis, and columns of a matrix: the plain steps that
 * the operations are written in. tfjs's CPU kernels copy contiguous memory fast and everything else
 * element by element (up to 300 ns each), so there these go through contiguous slices, which are
 * views, and joins, which copy memory; other backends have kernels for them.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";

function onCpu(): boolean {
  return tf.getBackend() === "cpu";
}

/** Rows `rows[i]` of the leading axis: (n, ...rest) -> (rows.length, ...rest). */
export function takeRows(x: Tensor, rows: readonly number[]): Tensor {
  if (!onCpu()) return tf.gather(x, tf.tensor1d(rows as number[], "int32"));
  return tf.concat(rows.map((row) => tf.slice(x, [row], [1])));
}

/**
 * Sums of rows of the leading axis: row i of the result is the sum of the rows `groups[i]` (at least
 * one each), in their order. The adjoint of {@link takeRows}.
 */
export function sumRows(x: Tensor, groups: readonly (readonly number[])[]): Tensor {
  const [n, ...rest] = x.shape as [number, ...number[]];
  if (onCpu()) {
    return tf.concat(groups.map((group) => {
      const parts = group.map((row) => tf.slice(x, [row], [1]));
      return parts.length === 1 ? parts[0]! : tf.addN(parts);
    }));
  }
  const into = new Float32Array(groups.length * n);
  groups.forEach((group, i) => group.forEach((row) => into[i * n + row] = 1));
  const wide = tf.reshape(x, [n, -1]) as Tensor2D;
  const sums = tf.matMul(tf.tensor2d(into, [groups.length, n]), wide);
  return tf.reshape(sums, [groups.length, ...rest]);
}

/** (a, b, ...rest) -> (b, a, ...rest). */
export function swapLeading(x: Tensor): Tensor {
  const [a, b, ...rest] = x.shape as [number, number, ...number[]];
  if (!onCpu()) return tf.transpose(x, [1, 0, ...rest.map((_, i) => i + 2)]);
  const parts: Tensor[] = [];
  for (let i = 0; i < a; i++) parts.push(tf.reshape(tf.slice(x, [i], [1]), [b, 1, ...rest]));
  return tf.concat(parts, 1);
}

/** A vector (columns) as every row of a matrix (rows, columns). */
export function tileRows(v: Tensor, rows: number): Tensor2D {
  const row = tf.reshape(v, [1, v.size]) as Tensor2D;
  if (!onCpu()) return tf.tile(row, [rows, 1]);
  let tiled = row;
  while (2 * tiled.shape[0] <= rows) tiled = tf.concat2d([tiled, tiled], 0);
  const missing = rows - tiled.shape[0];
  return missing === 0 ? tiled : tf.concat2d([tiled, tf.slice(tiled, [0], [missing])], 0);
}

/** Columns that one sum over rows takes at once: wide enough to walk along memory. */
const WIDE = 256;

/** Sums of the columns of a matrix (rows, columns), pairwise enough to lose no digits: (columns). */
export function columnSums(x: Tensor2D): Tensor1D {
  const [rows, columns] = x.shape;
  let side = 1;
  while (2 * side * columns <= WIDE && rows % (2 * side) === 0) side *= 2;
  const wide = tf.reshape(x, [rows / side, side * columns]) as Tensor2D;
  const sums = tf.reshape(ones(1, rows / side, wide), [side, columns]) as Tensor2D;
  return tf.reshape(side === 1 ? sums : ones(1, side, sums), [columns]);
}

function ones(rows: number, columns: number, x: Tensor2D): Tensor2D {
  return tf.matMul(tf.ones([rows, columns]) as Tensor2D, x);
}

/** (x - mean) * scale + offset, column by column of a matrix (rows, columns). */
export function affineColumns(
  x: Tensor2D,
  { mean, scale, offset }: { mean?: Tensor1D; scale?: Tensor1D; offset?: Tensor1D },
): Tensor2D {
  if (onCpu()) {
    const columns = x.shape[1];
    // The batch normalisation kernel with variance 1: one pass in double precision.
    return tf.batchNorm2d(
      x,
      mean ?? tf.zeros([columns]) as Tensor1D,
      tf.ones([columns]) as Tensor1D,
      offset,
      scale,
      0,
    );
  }
  let y = mean === undefined ? x : tf.sub(x, mean) as Tensor2D;
  if (scale !== undefined) y = tf.mul(y, scale);
  return offset === undefined ? y : tf.add(y, offset);
}

/** Elementwise product of two tensors of one shape. */
export function product<T extends Tensor>(x: T, y: Tensor): T {
  if (!onCpu()) return tf.mul(x, y) as T;
  // The CPU's multiplication takes two remainders for every element; its batch normalisation kernel
  // computes (x - 0) * y / sqrt(1) in a fifth of the time, and rounds once, as a product does.
  const inputs = {
    x: tf.reshape(x, [x.size]),
    scale: tf.reshape(y, [x.size]),
    mean: tf.zeros([1]),
    variance: tf.ones([1]),
  };
  const flat = tf.engine().runKernel("FusedBatchNorm", inputs, { varianceEpsilon: 0 }) as Tensor;
  return tf.reshape(flat, x.shape) as T;
}
