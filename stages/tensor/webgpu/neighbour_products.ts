/**
 * Sums over a joint's neighbours as one product: y[w] = sum over edges e at w of A_e E_e x[v(e)] W[k(e)],
 * forward along the edges that arrive, and for the input's gradient along those that leave, with the
 * kernels turned.
 *
 * Rows of a tile are of one joint, so which edges there are is the same for all threads of a workgroup.
 * The product's depth is that of all edges at the joint: neighbours are taken one after the other and
 * multiplied by their coefficients on the way. Adding those of a partition up first would save 4 of the
 * skeleton's 73 products, and cost as much in branches.
 *
 * @module
 */
import type { Tensor, Tensor2D, Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";
import { gpuBackend } from "./gpu_backend.ts";
import { EDGE_STRIDE, type JointTable } from "./graph_edges.ts";
import type { Kernel } from "./kernel_code.ts";
import type { Moments } from "./moments.ts";
import { product, type ProductCode, productGroups, threadsOf, type Tile } from "./product.ts";
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
  const tile = tileFor("graph", rows, outer, table.degree * inner);
  const y = gpuBackend().empty<Tensor4D>([joints, frames, bodies, outer]);
  const kernel = neighbourKernel({
    inner,
    wideOuter: outer % 4 === 0,
    most: 8 * Math.ceil(table.degree / 8),
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
  /** Edges of a joint that there is room for. */
  readonly most: number;
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
  const { inner, wideOuter, most, turned, bias, moments } = text;
  const wideInner = inner % 4 === 0;
  const wideKernels = turned ? wideInner : wideOuter;
  const code: ProductCode = {
    key: `graphConv ${inner} ${+wideOuter} ${most} ${+turned} ${+bias} ${+moments}`,
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
      // By edge: its partition, the first number of the neighbour's rows, and its coefficient.
      var<workgroup> partition_of: array<u32, ${most}>;
      var<workgroup> rows_at: array<u32, ${most}>;
      var<workgroup> coefficient: array<f32, ${most}>;
      ${bias ? `var<workgroup> bias: array<vec4<f32>, ${tile.n / 4}>;` : ""}
      ${functionsText(text, tile)}`,
    begin: `
      let M = numbers.rows;
      let N = numbers.outer;
      let entry = numbers.table + wid.z * numbers.stride;
      let K = edges[entry] * ${depthOf(inner)}u;
      ${tableText(inner, tile)}
      ${bias ? biasText(tile) : ""}`,
    ...loads(text, tile),
    ...bias ? { initial: `bias[(col - wid.x * ${tile.n}u) / 4u]` } : {},
    store: storeText(wideOuter),
    ...moments ? { moments: "moments" } : {},
  };
  return product(code, tile);
}

/** K of an edge, in whole vectors, so that those that are loaded are of one edge. */
function depthOf(inner: number): number {
  return 4 * Math.ceil(inner / 4);
}

/**
 * How operands are loaded. Where a step is of one edge, what that is at is found once for the step;
 * elsewhere, as with three coordinates, for each vector.
 */
function loads(
  { inner, turned, wideOuter }: NeighbourText,
  tile: Tile,
): Required<Pick<ProductCode, "step" | "loadA" | "loadB">> {
  const along = turned ? "k" : "out";
  const prepare = `let row_at$ = out$ * ${inner}u;`;
  if (inner % tile.k !== 0) {
    return {
      step: "",
      loadA: { along: "k", prepare, value: "neighbours(row_at$, k$, K)" },
      loadB: { along, value: "kernels(out$, k$)" },
    };
  }
  const at = turned ? `out$ * ${inner}u + k$` : "k$ * numbers.outer + out$";
  return {
    step: `
      let edge = base / ${inner}u;
      let first_k = edge * ${inner}u;
      let scale = coefficient[edge];
      let neighbour_at = rows_at[edge] - first_k;
      let kernel_at = partition_of[edge] * numbers.outer * ${inner}u
        - first_k${turned ? "" : " * numbers.outer"};`,
    loadA: {
      along: "k",
      prepare,
      value: `scale * ${four("x", "(neighbour_at + row_at$ + k$)", true)}`,
    },
    loadB: { along, value: four("w", `(kernel_at + ${at})`, turned || wideOuter) },
  };
}

/** Fills the tables in workgroup memory; ends with a barrier. */
function tableText(inner: number, tile: Tile): string {
  return `
    for (var e = lix; e < edges[entry]; e += ${threadsOf(tile)}u) {
      let at = entry + 1u + e * ${EDGE_STRIDE}u;
      rows_at[e] = edges[at] * M * ${inner}u;
      partition_of[e] = edges[at + 1u];
      coefficient[e] = bitcast<f32>(edges[at + 3u]) * importance[edges[at + 2u]];
    }
    workgroupBarrier();`;
}

/** Fills the biases of the workgroup's columns. */
function biasText(tile: Tile): string {
  return `
    for (var i = lix; i < ${tile.n / 4}u; i += ${threadsOf(tile)}u) {
      let col = wid.x * ${tile.n}u + i * 4u;
      var sum = vec4<f32>();
      for (var e = 0u; e < edges[entry]; e++) {
        sum += coefficient[e] * ${four("b", "(partition_of[e] * N + col)", false)};
      }
      bias[i] = sum;
    }
    workgroupBarrier();`;
}

/** Functions that load operands where steps are of several edges. */
function functionsText({ inner, turned, wideOuter }: NeighbourText, tile: Tile): string {
  if (inner % tile.k === 0) return "";
  const depth = depthOf(inner);
  const wide = inner % 4 === 0;
  const kernelAt = turned
    ? `(partition_of[edge] * numbers.outer + out) * ${inner}u + c`
    : `(partition_of[edge] * ${inner}u + c) * numbers.outer + out`;
  // Vectors go beyond \`inner\` where that is no multiple of 4: both operands are zero there.
  const inside = (along: boolean) => {
    if (wide) return "value";
    const condition = along
      ? `vec4<u32>(c, c + 1u, c + 2u, c + 3u) < vec4<u32>(${inner}u)`
      : `c < ${inner}u`;
    return `select(vec4<f32>(), value, ${condition})`;
  };
  return `
    fn neighbours(row_at: u32, k: u32, all: u32) -> vec4<f32> {
      if (k >= all) { return vec4<f32>(); }
      let edge = k / ${depth}u;
      let c = k - edge * ${depth}u;
      let value = coefficient[edge] * ${four("x", "(rows_at[edge] + row_at + c)", wide)};
      return ${inside(true)};
    }
    fn kernels(out: u32, k: u32) -> vec4<f32> {
      let edge = k / ${depth}u;
      let c = k - edge * ${depth}u;
      let value = ${four("w", `(${kernelAt})`, turned ? wide : wideOuter)};
      return ${inside(turned)};
    }`;
}

function storeText(wide: boolean): string {
  if (wide) return "if (row < M && col < N) { y[((wid.z * M + row) * N + col) / 4u] = value; }";
  const parts = ["x", "y", "z", "w"].map((part, i) =>
    `if (col + ${i}u < N) { y[at + ${i}u] = value.${part}; }`
  );
  return `if (row < M) { let at = (wid.z * M + row) * N + col; ${parts.join(" ")} }`;
}
