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
import { flatGroups, flatIndex, type Kernel, kernelOf } from "./kernel_code.ts";

const THREADS = 256;

/** Rows of a joint that one sum takes. */
const SUM_ROWS = 512;

/** Steps of {@link THREADS} elements of a product that one workgroup takes. */
const STEPS = 4;

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
  const chunks = Math.ceil(size / (STEPS * THREADS));
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

/** Sums of dy over slices of a joint's rows: (V, T, B, O) -> (V, slices, O). */
function jointSums(dy: Tensor4D): Tensor3D {
  const [joints, frames, bodies, outer] = dy.shape;
  const rows = frames * bodies;
  const parts = Math.ceil(rows / SUM_ROWS);
  const sums = gpuBackend().empty<Tensor3D>([joints, parts, outer]);
  const wide = outer % 4 === 0;
  const columns = outer / (wide ? 4 : 1);
  let lanes = 1;
  while (lanes < 64 && lanes < columns) lanes *= 2;
  gpuBackend().run(jointSumKernel(wide, lanes), {
    tensors: [dy, sums],
    groups: [Math.ceil(columns / lanes), parts, joints],
    numbers: [rows, columns],
  });
  return sums;
}

const typeOf = (wide: boolean) => wide ? "vec4<f32>" : "f32";

/** Statements that sum what the threads have in `shared_sums` into its first `stop` elements. */
function treeSum(from: number, stop: number): string {
  const lines: string[] = [];
  for (let half = from / 2; half >= stop; half /= 2) {
    lines.push(
      "workgroupBarrier();",
      `if (lix < ${half}u) { shared_sums[lix] = shared_sums[lix] + shared_sums[lix + ${half}u]; }`,
    );
  }
  return lines.join("\n");
}

/** Each workgroup: some columns of a slice of a joint's rows, `lanes` of them side by side. */
function jointSumKernel(wide: boolean, lanes: number): Kernel {
  const type = typeOf(wide);
  const side = THREADS / lanes;
  const steps = [0, 1, 2, 3].map((i) => `
    if (inside && row + ${i * side}u < end) { sum${i} += dy[at + ${
    i * side
  }u * numbers.columns]; }`);
  return kernelOf(`graphConv joint sums ${type} ${lanes}`, () => ({
    bindings: [{ name: "dy", type }, { name: "sums", type, write: true }],
    numbers: ["rows: u32", "columns: u32"],
    workgroup: [THREADS],
    declarations: `var<workgroup> shared_sums: array<${type}, ${THREADS}>;`,
    main: `
      let column = wid.x * ${lanes}u + (lix & ${lanes - 1}u);
      let inside = column < numbers.columns;
      let end = min(numbers.rows, (wid.y + 1u) * ${SUM_ROWS}u);
      var row = wid.y * ${SUM_ROWS}u + lix / ${lanes}u;
      var at = (wid.z * numbers.rows + row) * numbers.columns + column;
      var sum0 = ${type}(0.0);
      var sum1 = sum0;
      var sum2 = sum0;
      var sum3 = sum0;
      while (row < end) {
        ${steps.join("")}
        row += ${4 * side}u;
        at += ${4 * side}u * numbers.columns;
      }
      shared_sums[lix] = (sum0 + sum1) + (sum2 + sum3);
      ${treeSum(THREADS, lanes)}
      if (lix < ${lanes}u && inside) {
        sums[(wid.z * groups.y + wid.y) * numbers.columns + column] = shared_sums[lix];
      }`,
  }));
}

/**
 * Each workgroup: a chunk of an edge's product. Sums its slices into the first, and finds the chunk's
 * share of <P_e, W[k]>; the first chunk adds <S_to(e), b[k]>.
 */
function edgeKernel(wide: boolean): Kernel {
  const type = typeOf(wide);
  const scalar = (a: string, b: string) => wide ? `dot(${a}, ${b})` : `${a} * ${b}`;
  const steps = Array.from({ length: STEPS }, (_, i) => `
    {
      let i = first + ${i * THREADS}u;
      if (i < numbers.size) {
        let at = e * numbers.size + i;
        var p = products[at];
        for (var slice = 1u; slice < numbers.slices; slice++) {
          p += products[slice * numbers.count * numbers.size + at];
        }
        if (numbers.slices > 1u) { products[at] = p; }
        sum += ${scalar("p", "w[k * numbers.size + i]")};
      }
    }`);
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
    declarations: `var<workgroup> shared_sums: array<f32, ${THREADS}>;`,
    main: `
      let e = wid.y;
      var k = 0u;
      while (edges[numbers.starts + k + 1u] <= e) { k++; }
      let first = wid.x * ${STEPS * THREADS}u + lix;
      var sum = 0.0;
      ${steps.join("")}
      if (wid.x == 0u) {
        let to = edges[numbers.list + ${EDGE_STRIDE}u * e + 1u];
        for (var o = lix; o < numbers.outer; o += ${THREADS}u) {
          var s = 0.0;
          for (var part = 0u; part < numbers.parts; part++) {
            s += sums[(to * numbers.parts + part) * numbers.outer + o];
          }
          sum += s * b[k * numbers.outer + o];
        }
      }
      shared_sums[lix] = sum;
      ${treeSum(THREADS, 1)}
      if (lix == 0u) { dots[e * numbers.chunks + wid.x] = shared_sums[0]; }`,
  }));
}

/** Each thread: an element of dW, or of db, or of dE. */
function weightKernel(wide: boolean): Kernel {
  const type = typeOf(wide);
  const coefficient = `
    let edge = numbers.list + ${EDGE_STRIDE}u * e;
    let coefficient = bitcast<f32>(edges[edge + 3u]) * importance[edges[edge + 2u]];`;
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
    main: `
      ${flatIndex(THREADS)}
      let kernels = numbers.partitions * numbers.size;
      let biases = numbers.partitions * numbers.outer;
      if (index < kernels) {
        let k = index / numbers.size;
        let i = index - k * numbers.size;
        let end = edges[numbers.starts + k + 1u];
        var sum = ${type}(0.0);
        for (var e = edges[numbers.starts + k]; e < end; e++) {
          ${coefficient}
          sum += coefficient * products[e * numbers.size + i];
        }
        dw[index] = sum;
      } else if (index < kernels + biases) {
        let i = index - kernels;
        let k = i / numbers.outer;
        let o = i - k * numbers.outer;
        let end = edges[numbers.starts + k + 1u];
        var sum = 0.0;
        for (var e = edges[numbers.starts + k]; e < end; e++) {
          ${coefficient}
          let to = edges[edge + 1u];
          var s = 0.0;
          for (var part = 0u; part < numbers.parts; part++) {
            s += sums[(to * numbers.parts + part) * numbers.outer + o];
          }
          sum += coefficient * s;
        }
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
