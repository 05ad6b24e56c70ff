/**
 * Sums over a joint's neighbours as one product: y[w] = sum over partitions k of
 * (sum over edges e of k at w of A_e E_e x[v(e)]) W[k], forward along the edges that arrive, and for
 * the input's gradient along those that leave, with the kernels turned.
 *
 * Neighbours are summed while they are loaded, so the product has one step of depth for each partition
 * that has edges at the joint: 69 for the skeleton, where there are 73 edges. Rows of a tile are of one
 * joint, so which neighbours there are is the same for all threads of a workgroup.
 *
 * @module
 */
import type { Tensor, Tensor2D, Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";
import { gpuBackend } from "./gpu_backend.ts";
import { type JointTable, partitionStride } from "./graph_edges.ts";
import type { Kernel } from "./kernel_code.ts";
import type { Moments } from "./moments.ts";
import { product, type ProductCode, productGroups, type Tile } from "./product.ts";
import { tileFor } from "./tiles.ts";

/** What is summed. */
export interface NeighbourSum {
  /** (V, T, B, inner). */
  readonly x: Tensor4D;
  /** W: (K, inner, outer), or turned, (K, outer, inner). */
  readonly w: Tensor3D;
  readonly turned: boolean;
  /** (K, outer), added as A_e E_e b[k] for each edge, or null for none. */
  readonly b: Tensor2D | null;
  /** E, (K, V, V). */
  readonly importance: Tensor3D;
  /** The tensor of the tables, and the edges by the joints that are summed into. */
  readonly edges: Tensor;
  readonly table: JointTable;
}

/**
 * @param moments Whether the moments of the result's columns are found too.
 * @returns y (V, T, B, outer), and its moments.
 */
export function neighbourSum(
  sum: NeighbourSum,
  { moments = false } = {},
): { y: Tensor4D; moments?: Moments } {
  const { x, w, turned, b, importance, edges, table } = sum;
  const [joints, frames, bodies, inner] = x.shape;
  const outer = w.shape[turned ? 1 : 2];
  const rows = frames * bodies;
  const tile = tileFor("graph", rows, outer, w.shape[0] * inner);
  const y = gpuBackend().empty<Tensor4D>([joints, frames, bodies, outer]);
  const kernel = neighbourKernel({
    inner,
    wideOuter: outer % 4 === 0,
    partitions: w.shape[0],
    degree: table.degree,
    turned,
    bias: b !== null,
    moments,
  }, tile);
  const groups = productGroups(tile, rows, outer, joints);
  const parts = moments ? gpuBackend().empty<Tensor3D>([joints * groups[1], 2, outer]) : undefined;
  gpuBackend().run(kernel, {
    tensors: [
      ...[x, w, importance, edges, y],
      ...b === null ? [] : [b],
      ...parts === undefined ? [] : [parts],
    ],
    groups,
    numbers: [rows, outer, table.at, table.stride],
  });
  return parts === undefined ? { y } : { y, moments: { parts, rows: tile.m, group: rows } };
}

interface NeighbourText {
  readonly inner: number;
  /** Whether `outer` is a multiple of 4. */
  readonly wideOuter: boolean;
  readonly partitions: number;
  readonly degree: number;
  readonly turned: boolean;
  readonly bias: boolean;
  readonly moments: boolean;
}

const typeOf = (wide: boolean) => wide ? "vec4<f32>" : "f32";

/** Four numbers in a row of memory from number `at` on, a multiple of 4 where the array is wide. */
function four(array: string, at: string, wide: boolean): string {
  if (wide) return `${array}[(${at}) / 4u]`;
  return `vec4<f32>(${[0, 1, 2, 3].map((i) => `${array}[${at} + ${i}u]`).join(", ")})`;
}

function neighbourKernel(text: NeighbourText, tile: Tile): Kernel {
  const { inner, wideOuter, partitions, degree, turned, bias, moments } = text;
  const wideInner = inner % 4 === 0;
  const wideKernels = turned ? wideInner : wideOuter;
  const code: ProductCode = {
    key: `graphConv ${inner} ${wideOuter} ${partitions} ${degree} ${turned} ${bias} ${moments}`,
    bindings: [
      { name: "x", type: typeOf(wideInner) },
      { name: "w", type: typeOf(wideKernels) },
      { name: "importance" },
      { name: "edges", type: "u32" },
      { name: "y", type: typeOf(wideOuter), write: true },
      ...bias ? [{ name: "b" }] : [],
      ...moments ? [{ name: "moments", write: true }] : [],
    ],
    numbers: ["rows: u32", "outer: u32", "table: u32", "stride: u32"],
    declarations: `
      // By partition that has edges here: which it is, how many edges it has, and their coefficients'
      // sum; by edge: the first number of the neighbour's rows, and its coefficient.
      var<workgroup> partition_of: array<u32, ${partitions}>;
      var<workgroup> edges_of: array<u32, ${partitions}>;
      var<workgroup> share_of: array<f32, ${partitions}>;
      var<workgroup> rows_at: array<u32, ${partitions * degree}>;
      var<workgroup> coefficient: array<f32, ${partitions * degree}>;
      ${bias ? `var<workgroup> bias: array<vec4<f32>, ${tile.n / 4}>;` : ""}
      ${functionsText(text)}`,
    begin: `
      let M = numbers.rows;
      let N = numbers.outer;
      let entry = numbers.table + wid.z * numbers.stride;
      let K = edges[entry] * ${depthOf(inner)}u;
      ${tableText(degree, inner)}
      ${bias ? `${biasText(partitions, tile)} workgroupBarrier();` : ""}`,
    ...loads(text, tile),
    ...bias ? { initial: `bias[(col - wid.x * ${tile.n}u) / 4u]` } : {},
    store: storeText(wideOuter),
    ...moments ? { moments: "moments" } : {},
  };
  return product(code, tile);
}

/** K of a partition, in whole vectors, so that those that are loaded are of one partition. */
function depthOf(inner: number): number {
  return 4 * Math.ceil(inner / 4);
}

/**
 * How operands are loaded. Where a step is of one partition, what that is at is found once for the step;
 * elsewhere, as with three coordinates, for each vector.
 */
function loads(
  { inner, degree, turned, wideOuter }: NeighbourText,
  tile: Tile,
): Required<Pick<ProductCode, "step" | "loadA" | "loadB">> {
  const depth = depthOf(inner);
  const along = turned ? "k" : "out";
  const prepare = `let row_at$ = out$ * ${inner}u;`;
  if (inner % tile.k !== 0) {
    return {
      step: "",
      loadA: { along: "k", prepare, value: "neighbours_at(row_at$, k$, K)" },
      loadB: { along, value: "kernels_at(out$, k$)" },
    };
  }
  const at = turned ? `out$ * ${inner}u + k$` : "k$ * numbers.outer + out$";
  return {
    step: `
      let slot = base / ${depth}u;
      let first_k = slot * ${depth}u;
      let own = slot * ${degree}u;
      let count = edges_of[slot];
      let scale = coefficient[own];
      let start = rows_at[own];
      let kernel_at = partition_of[slot] * numbers.outer * ${inner}u
        - first_k${turned ? "" : " * numbers.outer"};`,
    loadA: {
      along: "k",
      prepare,
      value: "neighbours(row_at$ + k$ - first_k, own, count, scale, start)",
    },
    loadB: { along, value: four("w", `(kernel_at + ${at})`, turned || wideOuter) },
  };
}

/** Fills the tables in workgroup memory; ends with a barrier. */
function tableText(degree: number, inner: number): string {
  const stride = partitionStride(degree);
  const shares = Array.from({ length: degree }, (_, i) => `
    if (${i}u < count) {
      let at = own + ${2 + 3 * i}u;
      let share = bitcast<f32>(edges[at + 2u]) * importance[edges[at + 1u]];
      rows_at[lix * ${degree}u + ${i}u] = edges[at] * M * ${inner}u;
      coefficient[lix * ${degree}u + ${i}u] = share;
      sum += share;
    }`);
  return `
    if (lix < edges[entry]) {
      let own = entry + 1u + lix * ${stride}u;
      let count = edges[own + 1u];
      var sum = 0.0;
      ${shares.join("")}
      partition_of[lix] = edges[own];
      edges_of[lix] = count;
      share_of[lix] = sum;
    }
    workgroupBarrier();`;
}

/** Fills the biases of the workgroup's columns. */
function biasText(partitions: number, tile: Tile): string {
  const parts = Array.from({ length: partitions }, (_, i) => `
    if (${i}u < edges[entry]) {
      sum += share_of[${i}] * ${four("b", `(partition_of[${i}] * N + col)`, false)};
    }`);
  return `
    if (lix < ${tile.n / 4}u) {
      let col = wid.x * ${tile.n}u + lix * 4u;
      var sum = vec4<f32>();
      ${parts.join("")}
      bias[lix] = sum;
    }`;
}

/** Functions that load operands. */
function functionsText({ inner, degree, turned, wideOuter }: NeighbourText): string {
  const depth = depthOf(inner);
  const wide = inner % 4 === 0;
  const others = Array.from({ length: degree - 1 }, (_, i) => `
    if (count > ${i + 1}u) {
      sum += coefficient[own + ${i + 1}u] * ${four("x", `(rows_at[own + ${i + 1}u] + at)`, wide)};
    }`);
  const kernelAt = turned
    ? `(partition_of[slot] * numbers.outer + out) * ${inner}u + c`
    : `(partition_of[slot] * ${inner}u + c) * numbers.outer + out`;
  // Vectors go beyond `inner` where that is no multiple of 4: both operands are zero there.
  const beyond = "vec4<u32>(c, c + 1u, c + 2u, c + 3u)";
  const inside = (value: string, along: boolean) =>
    wide
      ? value
      : along
      ? `select(vec4<f32>(), ${value}, ${beyond} < vec4<u32>(${inner}u))`
      : `select(vec4<f32>(), ${value}, c < ${inner}u)`;
  return `
    fn neighbours(at: u32, own: u32, count: u32, scale: f32, start: u32) -> vec4<f32> {
      var sum = scale * ${four("x", "(start + at)", wide)};
      ${others.join("")}
      return sum;
    }
    fn neighbours_at(row_at: u32, k: u32, all: u32) -> vec4<f32> {
      if (k >= all) { return vec4<f32>(); }
      let slot = k / ${depth}u;
      let c = k - slot * ${depth}u;
      let own = slot * ${degree}u;
      let sum = neighbours(row_at + c, own, edges_of[slot], coefficient[own], rows_at[own]);
      return ${inside("sum", true)};
    }
    fn kernels_at(out: u32, k: u32) -> vec4<f32> {
      let slot = k / ${depth}u;
      let c = k - slot * ${depth}u;
      let value = ${four("w", `(${kernelAt})`, turned ? wide : wideOuter)};
      return ${inside("value", turned)};
    }`;
}

function storeText(wide: boolean): string {
  if (wide) return "if (row < M && col < N) { y[((wid.z * M + row) * N + col) / 4u] = value; }";
  const parts = ["x", "y", "z", "w"].map((part, i) =>
    `if (col + ${i}u < N) { y[at + ${i}u] = value.${part}; }`
  );
  return `if (row < M) { let at = (wid.z * M + row) * N + col; ${parts.join(" ")} }`;
}
