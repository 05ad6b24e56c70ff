/**
 * The products P_e = x[from(e)]^T dy[to(e)] of all edges of a graph, in slices of rows.
 *
 * @module
 */
import type { Tensor4D } from "@tensorflow/tfjs-core";
import { gpuBackend } from "./gpu_backend.ts";
import { EDGE_STRIDE, type GraphTables } from "./graph_edges.ts";
import { product, type ProductCode, productGroups, type Tile } from "./product.ts";
import { tileFor } from "./tiles.ts";

/**
 * Rows of a slice: few enough that a sum over them loses no digits, and that there are workgroups for
 * several waves on a large device.
 */
const SLICE_ROWS = 512;

/** Bytes of all slices' products, at most, unless one slice has more. */
const SLICES_BYTES = 96 << 20;

/**
 * @param x (V, T, B, C).
 * @param dy (V, T, B, O).
 * @returns (slices, edges, C, O).
 */
export function edgeProducts(x: Tensor4D, dy: Tensor4D, { tensor, list }: GraphTables): Tensor4D {
  const [, frames, bodies, inner] = x.shape;
  const outer = dy.shape[3];
  const rows = frames * bodies;
  const most = Math.max(1, Math.floor(SLICES_BYTES / (4 * list.count * inner * outer)));
  const slices = Math.min(Math.ceil(rows / SLICE_ROWS), most);
  const sliceRows = 32 * Math.ceil(rows / slices / 32);
  const products = gpuBackend().empty<Tensor4D>([slices, list.count, inner, outer]);
  const tile = tileFor("edges", inner, outer, sliceRows, slices * list.count);
  gpuBackend().run(edgeKernel(inner % 4 === 0, outer % 4 === 0, rows % 32 === 0, tile), {
    tensors: [x, dy, tensor, products],
    groups: productGroups(tile, inner, outer, slices * list.count),
    numbers: [rows, sliceRows, inner, outer, list.at, list.count],
  });
  return products;
}

/** Four numbers in a row of memory from number `at` on, a multiple of 4 where the array is wide. */
function four(array: string, at: string, wide: boolean): string {
  if (wide) return `${array}[(${at}) / 4u]`;
  return `vec4<f32>(${[0, 1, 2, 3].map((i) => `${array}[${at} + ${i}u]`).join(", ")})`;
}

/** @param whole Whether all slices are of whole steps. */
function edgeKernel(wideInner: boolean, wideOuter: boolean, whole: boolean, tile: Tile) {
  const typeOf = (wide: boolean) => wide ? "vec4<f32>" : "f32";
  const cleared = (value: string) => whole ? value : `select(vec4<f32>(), ${value}, k$ < K)`;
  const parts = ["x", "y", "z", "w"].map((part, i) =>
    `if (col + ${i}u < N) { products[at + ${i}u] = value.${part}; }`
  );
  const code: ProductCode = {
    key: `graphConv edge products ${wideInner} ${wideOuter} ${whole}`,
    bindings: [
      { name: "x", type: typeOf(wideInner) },
      { name: "dy", type: typeOf(wideOuter) },
      { name: "edges", type: "u32" },
      { name: "products", type: typeOf(wideOuter), write: true },
    ],
    numbers: [
      ...["rows: u32", "slice: u32", "inner: u32", "outer: u32", "list: u32", "count: u32"],
    ],
    begin: `
      let M = numbers.inner;
      let N = numbers.outer;
      let slice = wid.z / numbers.count;
      let edge = numbers.list + (wid.z - slice * numbers.count) * ${EDGE_STRIDE}u;
      let first = slice * numbers.slice;
      let K = min(numbers.slice, numbers.rows - min(numbers.rows, first));
      let from_at = (edges[edge] * numbers.rows + first) * M;
      let to_at = (edges[edge + 1u] * numbers.rows + first) * N;`,
    loadA: { along: "out", value: cleared(four("x", "(from_at + k$ * M + out$)", wideInner)) },
    loadB: { along: "out", value: cleared(four("dy", "(to_at + k$ * N + out$)", wideOuter)) },
    store: wideOuter
      ? "if (row < M && col < N) { products[((wid.z * M + row) * N + col) / 4u] = value; }"
      : `if (row < M) { let at = (wid.z * M + row) * N + col; ${parts.join(" ")} }`,
  };
  return product(code, tile);
}
