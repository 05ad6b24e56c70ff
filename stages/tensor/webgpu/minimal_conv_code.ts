/**
 * The products of minimal filtering, as texts: at each point, rows of inputs by the kernel forward (and, the
 * kernel turned, for the input's gradient), and rows of inputs by rows of outputs for the kernel's.
 *
 * A row is (v J + j) B + b for tile j of a joint's J. Inputs are taken to the points while they are
 * loaded: three or four reads where the convolution itself has one, for 15 products instead of 27.
 * Workgroups of all points of a tile lie side by side, so that their reads meet in the device's cache.
 *
 * @module
 */
import { rowLoad, rowStore } from "./matrix_product.ts";
import { GROUPS, POINT_FUNCTIONS } from "./minimal_filter.ts";
import type { ProductCode } from "./product.ts";

const VECTORS = "vec4<f32>";

/** Numbers of both, in order: `columns` are the tiles of columns at a point. */
const NUMBERS = ["V: u32", "T: u32", "J: u32", "B: u32", "C: u32", "O: u32", "columns: u32"];

/** The point of a workgroup, and what of it is the same for all threads. */
const POINT = `let point = wid.x / numbers.columns;
let shares = inputShares(point);
let edge = edgeOf(point) * numbers.B;`;

/** Inputs at the point, from the place of a tile's first frame in the joint and a channel on. */
const INPUTS = `
fn frameAt(first: u32, place: u32, c: u32) -> vec4<f32> {
  let back = 4u * numbers.B;
  if (place >= back && place - back < numbers.T * numbers.B) {
    return x[((first + place - back) * numbers.C + c) / 4u];
  }
  return vec4<f32>();
}
fn inputsAt(first: u32, place: u32, c: u32, inside: bool, shares: vec4<f32>, edge: u32)
  -> vec4<f32> {
  var value = vec4<f32>();
  if (inside) {
    value = shares.x * frameAt(first, place + numbers.B, c);
    value += shares.y * frameAt(first, place + 2u * numbers.B, c);
    value += shares.z * frameAt(first, place + 3u * numbers.B, c);
    if (shares.w != 0.0) { value += shares.w * frameAt(first, place + edge, c); }
  }
  return value;
}`;

/**
 * Outputs at the points: (points, V J B, O) from x (V, T, B, C) and the kernel at the points, (points,
 * groups C, O).
 *
 * @param inner C, a multiple of 4; O is one too.
 */
export function pointProductsCode(inner: number): ProductCode {
  return {
    key: `minimal conv C${inner}`,
    bindings: [
      { name: "x", type: VECTORS },
      { name: "w", type: VECTORS },
      { name: "products", type: VECTORS, write: true },
    ],
    numbers: NUMBERS,
    declarations: `${POINT_FUNCTIONS}${INPUTS}
${rowLoad("loadKernel", "w", true)}
${rowStore("keep", "products", true)}`,
    begin: `let M = numbers.V * numbers.J * numbers.B;
let N = numbers.O;
let K = ${GROUPS}u * numbers.C;
${POINT}`,
    columnTile: "wid.x % numbers.columns",
    loadA: {
      along: "k",
      prepare: `let inside$ = out$ < M;
let step$ = out$ / numbers.B;
let joint$ = step$ / numbers.J;
let first$ = joint$ * numbers.T * numbers.B;
let place$ = (step$ - joint$ * numbers.J) * 3u * numbers.B + (out$ - step$ * numbers.B);`,
      value: `inputsAt(first$, place$ + (k$ / ${inner}u) * 3u * numbers.B, k$ % ${inner}u, ` +
        "inside$ && k$ < K, shares, edge)",
    },
    loadB: { along: "out", value: "loadKernel(point * K + k$, N, out$, k$ < K)" },
    store: "if (row < M && col < N) { keep(point * M + row, N, col, value); }",
  };
}

/**
 * Parts of the kernel's gradient at the points: (joints parts, points, groups C, O). `wid.z` is joint
 * parts + part, and a part has `rows` of the joint's J B.
 *
 * A row's tile is found without a division of whole numbers: exact while J B is below 2^21.
 */
export function pointGradientCode(): ProductCode {
  return {
    key: "minimal conv kernel gradient",
    bindings: [
      { name: "x", type: VECTORS },
      { name: "dy", type: VECTORS },
      { name: "parts", type: VECTORS, write: true },
    ],
    numbers: [...NUMBERS, "perJoint: u32", "rows: u32", "inverse: f32"],
    declarations: `${POINT_FUNCTIONS}${INPUTS}
// Of a row in its joint, that of its tile's first frame: b + 3 j B.
fn tilePlace(row: u32) -> u32 {
  return row + 2u * numbers.B * u32((f32(row) + 0.5) * numbers.inverse);
}
fn flowAt(first: u32, place: u32, o: u32) -> vec4<f32> {
  if (place < numbers.T * numbers.B) { return dy[((first + place) * numbers.O + o) / 4u]; }
  return vec4<f32>();
}
fn flowsAt(first: u32, place: u32, o: u32, inside: bool, shares: vec3<f32>) -> vec4<f32> {
  var value = vec4<f32>();
  if (inside) {
    if (shares.x != 0.0) { value = shares.x * flowAt(first, place, o); }
    if (shares.y != 0.0) { value += shares.y * flowAt(first, place + numbers.B, o); }
    if (shares.z != 0.0) { value += shares.z * flowAt(first, place + 2u * numbers.B, o); }
  }
  return value;
}
${rowStore("keep", "parts", true)}`,
    begin: `let M = ${GROUPS}u * numbers.C;
let N = numbers.O;
${POINT}
let back = outputShares(point);
let joint = wid.z / numbers.perJoint;
let first = (wid.z % numbers.perJoint) * numbers.rows;
let all = numbers.J * numbers.B;
let K = min(numbers.rows, all - min(all, first));
let firstFrame = joint * numbers.T * numbers.B;`,
    columnTile: "wid.x % numbers.columns",
    loadA: {
      along: "out",
      prepare: `let group$ = out$ / numbers.C;
let c$ = out$ - group$ * numbers.C;
let move$ = group$ * 3u * numbers.B;`,
      value: "inputsAt(firstFrame, tilePlace(first + k$) + move$, c$, " +
        "out$ < M && k$ < K, shares, edge)",
    },
    loadB: {
      along: "out",
      value: "flowsAt(firstFrame, tilePlace(first + k$), out$, out$ < N && k$ < K, back)",
    },
    store: `if (row < M && col < N) {
  keep((wid.z * 5u + point) * M + row, N, col, value);
}`,
  };
}
