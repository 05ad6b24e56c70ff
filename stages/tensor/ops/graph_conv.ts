/**
 * Spatial graph convolution (method sections 4 and 5):
 * y[w] = sum over k, v of A[k,v,w] E[k,v,w] (x[v] W[k] + b[k]), with 1 x 1 kernels W of three
 * partitions k, the fixed adjacency A and the learned edge importance E.
 *
 * A has 73 entries in 3 x 25 x 25. Each edge (k, v -> w) is one matrix product with the kernel
 * A E W[k], and the products are summed into the joints w: a 25th of the dense sum's work.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor2D, Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";
import { fused } from "../fused.ts";
import { sumRows, takeRows, tileRows } from "../rows.ts";
import type { Tape } from "../tape.ts";

/** An entry of the adjacency. */
export interface GraphEdge {
  /** Partition k. */
  readonly partition: number;
  /** Joint v that the edge comes from. */
  readonly from: number;
  /** Joint w that it leads to. */
  readonly to: number;
  /** A[k,v,w]. */
  readonly weight: number;
}

/** The adjacency's entries in the forms that the convolution uses; made once, owned by its maker. */
export class EdgeTensors {
  /** The entries, in their order. */
  readonly edges: readonly GraphEdge[];
  /** Joints v by edge. */
  readonly from: readonly number[];
  /** Joints w by edge. */
  readonly to: readonly number[];
  /** Edges by the joint they come from. */
  readonly leaving: readonly (readonly number[])[];
  /** Edges by the joint they lead to. */
  readonly arriving: readonly (readonly number[])[];
  /** (K V V, edges): A[k,v,w] where row (k,v,w) meets its edge. */
  readonly select: Tensor2D;
  /** (edges, K): 1 where an edge meets its partition. */
  readonly partition: Tensor2D;
  /** (V, edges): 1 where a joint meets the edges that lead to it. */
  readonly into: Tensor2D;
  /** What a backend has made of the entries, by a name of its choice; freed with them. */
  readonly made = new Map<string, Tensor>();

  /**
   * @param edges Entries of A; every joint has one that leaves and one that arrives.
   * @param partitions K.
   * @param joints V.
   */
  constructor(edges: readonly GraphEdge[], partitions: number, joints: number) {
    const count = edges.length;
    this.edges = edges;
    this.from = edges.map((edge) => edge.from);
    this.to = edges.map((edge) => edge.to);
    const byJoint = (ends: readonly number[]) =>
      Array.from(
        { length: joints },
        (_, joint) => ends.flatMap((end, e) => end === joint ? [e] : []),
      );
    this.leaving = byJoint(this.from);
    this.arriving = byJoint(this.to);
    const select = new Float32Array(partitions * joints * joints * count);
    const partition = new Float32Array(count * partitions);
    const into = new Float32Array(joints * count);
    edges.forEach(({ partition: k, from, to, weight }, e) => {
      select[((k * joints + from) * joints + to) * count + e] = weight;
      partition[e * partitions + k] = 1;
      into[to * count + e] = 1;
    });
    this.select = tf.keep(tf.tensor2d(select, [partitions * joints * joints, count]));
    this.partition = tf.keep(tf.tensor2d(partition, [count, partitions]));
    this.into = tf.keep(tf.tensor2d(into, [joints, count]));
  }

  /** Frees the tensors. */
  dispose(): void {
    tf.dispose([this.select, this.partition, this.into, ...this.made.values()]);
    this.made.clear();
  }
}

/**
 * @param x (V, T, B, C).
 * @param w Kernels (K, C, O).
 * @param b Biases (K, O).
 * @param importance E, (K, V, V); only its entries on edges matter.
 * @returns (V, T, B, O).
 */
export function graphConv(
  tape: Tape,
  x: Tensor4D,
  w: Tensor3D,
  b: Tensor2D,
  importance: Tensor3D,
  edges: EdgeTensors,
): Tensor4D {
  const own = fused().graphConv;
  if (own !== undefined) return own(tape, x, w, b, importance, edges);
  const [joints, frames, bodies, inner] = x.shape;
  const [partitions, , outer] = w.shape;
  const count = edges.from.length;
  const rows = frames * bodies;
  return tape.record([x, w, b, importance], (save) => {
    const kernels = tf.reshape(w, [partitions, inner * outer]) as Tensor2D;
    const flat = tf.reshape(importance, [1, -1]) as Tensor2D;
    // (edges, K): A E where an edge meets its partition.
    const coefficients = save(
      tf.mul(edges.partition, tf.reshape(tf.matMul(flat, edges.select), [count, 1])) as Tensor2D,
    );
    const kernelOf = save(
      tf.reshape(tf.matMul(coefficients, kernels), [count, inner, outer]) as Tensor3D,
    );
    const biasOf = tf.matMul(edges.into, tf.matMul(coefficients, b)) as Tensor2D;
    const sources = takeRows(tf.reshape(x, [joints, rows, inner]), edges.from);
    const products = tf.matMul(sources, kernelOf);
    const y = tf.reshape(
      addBias(sumRows(products, edges.arriving), biasOf),
      [joints, frames, bodies, outer],
    ) as Tensor4D;
    const [xs, ws, bs] = [save(x), save(kernels), save(b)];
    return [y, (dy, needs) => {
      const dyOf = takeRows(tf.reshape(dy, [joints, rows, outer]), edges.to);
      const dx = needs[0]
        ? tf.reshape(sumRows(tf.matMul(dyOf, kernelOf, false, true), edges.leaving), xs.shape)
        : null;
      const again = takeRows(tf.reshape(xs, [joints, rows, inner]), edges.from);
      const dKernelOf = tf.reshape(
        tf.matMul(again, dyOf, true, false),
        [count, inner * outer],
      ) as Tensor2D;
      const perJoint = tf.matMul(
        tf.ones([joints, 1, rows]),
        tf.reshape(dy, [joints, rows, outer]),
      );
      const dBiasOf = tf.matMul(
        edges.into,
        tf.reshape(perJoint, [joints, outer]) as Tensor2D,
        true,
      );
      const dCoefficients = tf.mul(
        edges.partition,
        tf.addN([tf.matMul(dKernelOf, ws, false, true), tf.matMul(dBiasOf, bs, false, true)]),
      );
      const dEdges = tf.matMul(tf.ones([1, partitions]) as Tensor2D, dCoefficients, false, true);
      return [
        dx,
        tf.reshape(tf.matMul(coefficients, dKernelOf, true), w.shape),
        tf.matMul(coefficients, dBiasOf, true),
        tf.reshape(tf.matMul(dEdges, edges.select, false, true), importance.shape),
      ];
    }];
  });
}

/** Adds a row of `bias` (V, O) to all rows of its joint: y is (V, rows, O). */
function addBias(y: Tensor, bias: Tensor2D): Tensor {
  const [joints, rows, outer] = y.shape as [number, number, number];
  if (tf.getBackend() !== "cpu") return tf.add(y, tf.reshape(bias, [joints, 1, outer]));
  const tiled = tf.concat(
    Array.from({ length: joints }, (_, joint) => tileRows(tf.slice(bias, [joint], [1]), rows)),
  );
  return tf.addN([y, tf.reshape(tiled, y.shape)]);
}
