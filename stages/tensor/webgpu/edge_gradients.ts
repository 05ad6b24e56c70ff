/**
 * Gradients of a graph convolution's kernels, biases and edge importance, from the products
 * P_e = x[from(e)]^T dy[to(e)] of all edges and the sums S_w of dy[w] over its rows:
 * dW[k] = sum over e in k of A_e E_e P_e, db[k] = sum of A_e E_e S_to(e), and
 * dE_e = A_e (<P_e, W[k]> + <S_to(e), b[k]>).
 *
 * Both come in slices of rows that are summed in their order; nothing hangs on the order of threads.
 *
 * @module
 */
import type { Tensor2D, Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";
import { gpuBackend } from "./gpu_backend.ts";
import { EDGE_STRIDE, type GraphTables } from "./graph_edges.ts";
import { JOINT_SUM, jointSums } from "./joint_sums.ts";
import { flatGroups, flatIndex, type Kernel, kernelOf } from "./kernel_code.ts";
import { elementOf } from "./lanes.ts";
import { sumTree } from "./workgroup_tree.ts";

const THREADS = 256;

/** Slices, or edges, that a thread takes at once, so that loads wait for memory together. */
const AT_ONCE = 4;

/** What a graph convolution learns, or the gradients of it. */
export interface GraphWeights {
  /** (K, C, O). */
  readonly w: Tensor3D;
  /** (K, O). */
  readonly b: Tensor2D;
  /** (K, V, V). */
  readonly importance: Tensor3D;
}

/**
 * Gradients of what a graph convolution learns.
 *
 * @param products (slices, edges, C, O): P_e of each slice of rows. Overwritten.
 * @param dy (V, T, B, O).
 */
export function edgeGradients(
  products: Tensor4D,
  dy: Tensor4D,
  { w, b, importance }: GraphWeights,
  { tensor: edges, list }: GraphTables,
): GraphWeights {
  const backend = gpuBackend();
  const [slices, count] = products.shape;
  const [partitions, inner, outer] = w.shape;
  const [joints] = dy.shape;
  const sums = jointSums(dy);
  const parts = sums.shape[1];
  const wide = inner * outer % 4 === 0;
  const size = inner * outer / (wide ? 4 : 1);
  const chunks = Math.ceil(size / THREADS);
  const dots = backend.empty<Tensor2D>([count, chunks]);
  backend.run(edgeKernel(wide), {
    tensors: [products, w, b, sums, edges, dots],
    groups: [chunks, count, 1],
    numbers: [size, slices, count, outer, parts, list.at, list.starts, partitions, chunks],
  });
  const dw = backend.empty<Tensor3D>(w.shape);
  const db = backend.empty<Tensor2D>(b.shape);
  const dImportance = backend.empty<Tensor3D>(importance.shape);
  const items = partitions * size + b.size + importance.size;
  backend.run(weightKernel(wide), {
    tensors: [products, dots, sums, edges, importance, dw, db, dImportance],
    groups: flatGroups(items, THREADS),
    numbers: [
      ...[size, partitions, outer, parts, count, chunks, partitions * joints * joints],
      ...[list.at, list.starts, list.places],
    ],
  });
  return { w: dw, b: db, importance: dImportance };
}

/**
 * Each workgroup: a chunk of an edge's product. Sums its slices into the first, and finds the chunk's
 * share of <P_e, W[k]>; the first chunk adds <S_to(e), b[k]>.
 */
function edgeKernel(wide: boolean): Kernel {
  const type = elementOf(wide ? 4 : 1);
  const scalar = (a: string, b: string) => wide ? `dot(${a}, ${b})` : `${a} * ${b}`;
  const several = Array.from(
    { length: AT_ONCE },
    (_, i) => `products[at + ${i}u * stride]`,
  ).join(" + ");
  return kernelOf(`graphConv edges ${type}`, () => ({
    bindings: [
      { name: "products", type, write: true },
      { name: "w", type },
      { name: "b" },
      { name: "sums" },
      { name: "edges", type: "u32" },
      { name: "dots", write: true },
    ],
    numbers: [
      ...["size: u32", "slices: u32", "count: u32", "outer: u32", "parts: u32", "list: u32"],
      ...["starts: u32", "partitions: u32", "chunks: u32"],
    ],
    workgroup: [THREADS],
    declarations: `var<workgroup> shared_sums: array<f32, ${THREADS}>;
      ${JOINT_SUM}`,
    main: `
      let e = wid.y;
      var k = 0u;
      while (edges[numbers.starts + k + 1u] <= e) { k++; }
      let i = wid.x * ${THREADS}u + lix;
      var sum = 0.0;
      if (i < numbers.size) {
        let stride = numbers.count * numbers.size;
        let first = e * numbers.size + i;
        var p = ${type}(0.0);
        var slice = 0u;
        var at = first;
        for (; slice + ${AT_ONCE}u <= numbers.slices; slice += ${AT_ONCE}u) {
          p += ${several};
          at += ${AT_ONCE}u * stride;
        }
        for (; slice < numbers.slices; slice++) {
          p += products[at];
          at += stride;
        }
        if (numbers.slices > 1u) { products[first] = p; }
        sum = ${scalar("p", "w[k * numbers.size + i]")};
      }
      if (wid.x == 0u) {
        let to = edges[numbers.list + ${EDGE_STRIDE}u * e + 1u];
        for (var o = lix; o < numbers.outer; o += ${THREADS}u) {
          sum += joint_sum(to, o) * b[k * numbers.outer + o];
        }
      }
      shared_sums[lix] = sum;
      ${sumTree(["shared_sums"], THREADS)}
      if (lix == 0u) { dots[e * numbers.chunks + wid.x] = shared_sums[0]; }`,
  }));
}

/** Each thread: an element of dW, or of db, or of dE. */
function weightKernel(wide: boolean): Kernel {
  const type = elementOf(wide ? 4 : 1);
  // The sum over a partition's edges e of their coefficients times something of theirs; those beyond the
  // last are the last once more, times zero.
  const overEdges = (of: (e: string, edge: string) => string) => {
    const terms = Array.from({ length: AT_ONCE }, (_, i) => i);
    return `
      let end = edges[numbers.starts + k + 1u];
      for (var first = edges[numbers.starts + k]; first < end; first += ${AT_ONCE}u) {
        ${
      terms.map((i) => `
        let e${i} = min(first + ${i}u, end - 1u);
        let edge${i} = numbers.list + ${EDGE_STRIDE}u * e${i};
        let weight${i} = bitcast<f32>(edges[edge${i} + 3u]) * importance[edges[edge${i} + 2u]];
        let term${i} = select(0.0, weight${i}, first + ${i}u < end) * ${of(`e${i}`, `edge${i}`)};`)
        .join("")
    }
        sum += ${terms.map((i) => `term${i}`).join(" + ")};
      }`;
  };
  return kernelOf(`graphConv weights ${type}`, () => ({
    bindings: [
      { name: "products", type },
      { name: "dots" },
      { name: "sums" },
      { name: "edges", type: "u32" },
      { name: "importance" },
      { name: "dw", type, write: true },
      { name: "db", write: true },
      { name: "de", write: true },
    ],
    numbers: [
      ...["size: u32", "partitions: u32", "outer: u32", "parts: u32", "count: u32", "chunks: u32"],
      ...["places: u32", "list: u32", "starts: u32", "edge_at: u32"],
    ],
    workgroup: [THREADS],
    declarations: JOINT_SUM,
    main: `
      ${flatIndex(THREADS)}
      let kernels = numbers.partitions * numbers.size;
      let biases = numbers.partitions * numbers.outer;
      if (index < kernels) {
        let k = index / numbers.size;
        let i = index - k * numbers.size;
        var sum = ${type}(0.0);
        ${overEdges((e) => `products[${e} * numbers.size + i]`)}
        dw[index] = sum;
      } else if (index < kernels + biases) {
        let i = index - kernels;
        let k = i / numbers.outer;
        let o = i - k * numbers.outer;
        var sum = 0.0;
        ${overEdges((_, edge) => `joint_sum(edges[${edge} + 1u], o)`)}
        db[i] = sum;
      } else if (index < kernels + biases + numbers.places) {
        let place = index - kernels - biases;
        let e = edges[numbers.edge_at + place];
        var sum = 0.0;
        if (e < numbers.count) {
          for (var chunk = 0u; chunk < numbers.chunks; chunk++) {
            sum += dots[e * numbers.chunks + chunk];
          }
          sum *= bitcast<f32>(edges[numbers.list + ${EDGE_STRIDE}u * e + 3u]);
        }
        de[place] = sum;
      }`,
  }));
}
