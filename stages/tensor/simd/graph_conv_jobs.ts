/**
 * The spatial graph convolution in jobs for the kernels: forward, and the gradients of its input and of
 * kernels, biases and edge importance. How jobs are cut depends on shapes alone.
 *
 * @module
 */
import type { Tensor2D, Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";
import type { EdgeTensors, GraphEdge } from "../ops/graph_conv.ts";
import { type ConvOutput, emptyMoments, withMemory, withPanels } from "./conv_memory.ts";
import { Float, SCRATCH_BYTES } from "./kernel_pool.ts";
import type { SimdBackend } from "./simd_backend.ts";

/** Bytes of a number. */
const WORD = 4;

/** Numbers of a row block's inputs from one joint, about, and the rows that this may be. */
const BLOCK = 16384;
const MOST_ROWS = 512;
const LEAST_ROWS = 64;

/** Rows that a slice of the edges' products has at least, and most bytes of all slices' products. */
const SLICE_ROWS = 256;
const SLICES_BYTES = 8 << 20;

/** Of the scratch, what pointers and the like may take. */
const RESERVED = 8192;

/** Edges as arguments of the kernels. */
interface EdgeArgs {
  /** By the joint they lead to, for the forward pass. */
  readonly arriving: readonly (number | Float)[];
  /** By the joint they leave, for the input's gradient. */
  readonly leaving: readonly (number | Float)[];
  /** By partition, for the kernels' gradients. */
  readonly products: readonly (number | Float)[];
}

const argsOf = new WeakMap<EdgeTensors, EdgeArgs>();

/** y[w] = sum over edges e into w of A[e] E[e] (x[from(e)] W[k(e)] + b[k(e)]); see the definition. */
export function graphConvForward(
  backend: SimdBackend,
  x: Tensor4D,
  w: Tensor3D,
  b: Tensor2D,
  importance: Tensor3D,
  edges: EdgeTensors,
  { moments = false } = {},
): ConvOutput {
  const [joints, frames, bodies] = x.shape;
  const [partitions, inner, outer] = w.shape;
  const rows = frames * bodies;
  const y = backend.empty<Tensor4D>([joints, frames, bodies, outer]);
  const block = rowsOfBlock(inner, partitions);
  const blocks = Array.from(
    { length: Math.ceil(rows / block) },
    (_, i) => Math.min(block, rows - i * block),
  );
  const all = Array.from({ length: joints }, () => blocks).flat();
  const found = moments ? emptyMoments(backend, outer, all) : undefined;
  const axes = {
    w,
    first: 0,
    sizes: [partitions, inner, outer],
    steps: [inner * outer, outer, 1],
  } as const;
  withPanels(backend, axes, (panels) =>
    backend.pool.run("graphConv", all.length, [
      backend.pointer(x),
      panels,
      backend.pointer(y),
      backend.pointer(b),
      backend.pointer(importance),
      found === undefined ? 0 : backend.pointer(found.parts),
      ...[rows, inner, outer, partitions, block, joints],
      ...edgeArgs(edges).arriving,
    ]));
  return found === undefined ? { y } : { y, moments: found };
}

/**
 * Gradient of the input: the same along the edges turned round.
 *
 * @param dy (V, T, B, O).
 * @returns (V, T, B, C).
 */
export function graphConvInputGradient(
  backend: SimdBackend,
  dy: Tensor4D,
  w: Tensor3D,
  importance: Tensor3D,
  edges: EdgeTensors,
): Tensor4D {
  const [joints, frames, bodies] = dy.shape;
  const [partitions, inner, outer] = w.shape;
  const rows = frames * bodies;
  const dx = backend.empty<Tensor4D>([joints, frames, bodies, inner]);
  const block = rowsOfBlock(outer, partitions);
  const axes = {
    w,
    first: 0,
    sizes: [partitions, outer, inner],
    steps: [inner * outer, 1, outer],
  } as const;
  withPanels(
    backend,
    axes,
    (panels) =>
      backend.pool.run("graphConv", joints * Math.ceil(rows / block), [
        backend.pointer(dy),
        panels,
        backend.pointer(dx),
        0,
        backend.pointer(importance),
        0,
        ...[rows, outer, inner, partitions, block, joints],
        ...edgeArgs(edges).leaving,
      ]),
  );
  return dx;
}

/** Gradients of what a graph convolution learns, each of its shape. */
export interface GraphConvGradients {
  readonly w: Tensor3D;
  readonly b: Tensor2D;
  readonly importance: Tensor3D;
}

/**
 * Gradients of kernels, biases and edge importance.
 *
 * @param x (V, T, B, C).
 * @param dy (V, T, B, O).
 */
export function graphConvKernelGradients(
  backend: SimdBackend,
  x: Tensor4D,
  dy: Tensor4D,
  { w, b, importance }: GraphConvGradients,
  edges: EdgeTensors,
): GraphConvGradients {
  const { pool } = backend;
  const [joints, frames, bodies] = x.shape;
  const [partitions, inner, outer] = w.shape;
  const rows = frames * bodies;
  const count = edges.edges.length;
  const row = WORD * 8 * Math.ceil(outer / 8);
  const size = row * 4 * Math.ceil(inner / 4);
  const most = Math.max(1, Math.floor(SLICES_BYTES / (size * count)));
  const slices = Math.min(Math.ceil(rows / SLICE_ROWS), most);
  const dw = backend.empty<Tensor3D>(w.shape);
  const db = backend.empty<Tensor2D>(b.shape);
  const dImportance = backend.empty<Tensor3D>(importance.shape);
  const at = backend.pointer(dImportance) / WORD;
  pool.f32.fill(0, at, at + importance.size);
  withMemory(pool, slices * (size * count + row * joints), (products) => {
    const sums = products + slices * size * count;
    const tail = [inner, outer, slices, count, joints, ...edgeArgs(edges).products];
    pool.run("graphConvProducts", slices * count, [
      backend.pointer(x),
      backend.pointer(dy),
      products,
      sums,
      rows,
      ...tail,
    ]);
    pool.run("graphConvEdges", count, [
      products,
      backend.pointer(w),
      backend.pointer(b),
      backend.pointer(dImportance),
      sums,
      ...tail,
    ]);
    pool.run("graphConvKernels", partitions * (inner + 1), [
      products,
      backend.pointer(importance),
      backend.pointer(dw),
      backend.pointer(db),
      sums,
      ...tail,
    ]);
  });
  return { w: dw, b: db, importance: dImportance };
}

/** Rows of a block, a multiple of 4: what a joint's sources take stays in the second cache. */
function rowsOfBlock(inner: number, partitions: number): number {
  let rows = Math.max(LEAST_ROWS, Math.min(MOST_ROWS, BLOCK / inner & ~3));
  const bytes = () => RESERVED + WORD * partitions * inner * (rows + 16);
  while (bytes() > SCRATCH_BYTES) {
    if (rows === 4) throw new RangeError(`rows of ${inner} channels are too large`);
    rows = Math.max(4, rows >> 1 & ~3);
  }
  return rows;
}

function edgeArgs(edges: EdgeTensors): EdgeArgs {
  const known = argsOf.get(edges);
  if (known !== undefined) return known;
  const joints = edges.arriving.length;
  const place = ({ partition, from, to }: GraphEdge) => (partition * joints + from) * joints + to;
  const byJoint = (end: "from" | "to", other: "from" | "to") => {
    const sorted = edges.edges.toSorted((a, b) => a[end] - b[end] || a.partition - b.partition);
    const starts = Array.from(
      { length: joints + 1 },
      (_, joint) => sorted.filter((edge) => edge[end] < joint).length,
    );
    return [
      ...starts,
      ...sorted.flatMap((
        edge,
      ) => [edge[other], edge.partition, new Float(edge.weight), place(edge)]),
    ];
  };
  const met = new Set<number>();
  const made: EdgeArgs = {
    arriving: byJoint("to", "from"),
    leaving: byJoint("from", "to"),
    products: edges.edges.toSorted((a, b) => a.partition - b.partition).flatMap((edge) => {
      const first = met.has(edge.to) ? 0 : 1;
      met.add(edge.to);
      const { from, to, partition, weight } = edge;
      return [from, to, partition, new Float(weight), place(edge), first];
    }),
  };
  argsOf.set(edges, made);
  return made;
}
