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
import { rowStore } from "./matrix_product.ts";
import { GROUPS, POINT_FUNCTIONS } from "./minimal_filter.ts";
import type { ProductCode } from "./product.ts";

const VECTORS = "vec4<f32>";

/** Numbers of both, in order: `columns` are the tiles of columns at a point. */
const NUMBERS = ["V: u32", "T: u32", "J: u32", "B: u32", "C: u32", "O: u32", "columns: u32"];

/** The point of a workgroup, and what of it is the same for all threads; see {@link INPUTS}. */
const POINT = `let point = wid.x / numbers.columns;
let shares = inputShares(point);
let edge = edgeOf(point);
let all = numbers.T * numbers.B;
let jump = numbers.B * numbers.C / 4u;`;

/** A place that is in no joint. */
const NOWHERE = "0x80000000u";

/**
 * Inputs at the point, from a tile's first frame on: its place in the joint, which is beyond `all` where the
 * frame is outside (below zero, numbers wrap around), and the vector of x there; frames are `jump`
 * vectors apart.
 */
const INPUTS = `
fn inputsAt(place: u32, at: u32, shares: vec4<f32>, edge: u32, all: u32, jump: u32) -> vec4<f32> {
  var value = vec4<f32>();
  let place1 = place + numbers.B;
  let place2 = place1 + numbers.B;
  let place3 = place2 + numbers.B;
  let at1 = at + jump;
  let at2 = at1 + jump;
  if (place1 < all) { value = shares.x * x[at1]; }
  if (place2 < all) { value += shares.y * x[at2]; }
  if (place3 < all) { value += shares.z * x[at2 + jump]; }
  if (shares.w != 0.0 && place + edge * numbers.B < all) { value += shares.w * x[at + edge * jump]; }
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
${rowStore("keep", "products", true)}`,
    begin: `let M = numbers.V * numbers.J * numbers.B;
let N = numbers.O;
let K = ${GROUPS}u * numbers.C;
${POINT}`,
    columnTile: "wid.x % numbers.columns",
    loadA: {
      along: "k",
      prepare: `let step$ = out$ / numbers.B;
let joint$ = step$ / numbers.J;
let tile$ = (step$ - joint$ * numbers.J) * 3u * numbers.B + (out$ - step$ * numbers.B);
let here$ = tile$ - 4u * numbers.B;
let at$ = (joint$ * all + here$) * ${inner / 4}u;
let place$ = select(${NOWHERE}, here$, out$ < M);`,
      value: `inputsAt(select(${NOWHERE}, place$ + (k$ / ${inner}u) * 3u * numbers.B, k$ < K), ` +
        `at$ + (k$ / ${inner}u) * 3u * jump + (k$ % ${inner}u) / 4u, shares, edge, all, jump)`,
    },
    // Beyond the end: some numbers, which A's zeros or no column want.
    loadB: { along: "out", value: "w[((point * K + k$) * N + out$) / 4u]" },
    store: "if (row < M && col < N) { keep(point * M + row, N, col, value); }",
  };
}

/**
 * Parts of the kernel's gradient at the points: (joints parts, points, groups C, O). `wid.z` is joint
 * parts + part, from a first joint on, and a part has `rows` of the joint's J B.
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
    numbers: [...NUMBERS, "perJoint: u32", "rows: u32", "inverse: f32", "joint: u32"],
    declarations: `${POINT_FUNCTIONS}${INPUTS}
// Of a row in its joint, that of its tile's first frame: b + 3 j B.
fn tilePlace(row: u32) -> u32 {
  return row + 2u * numbers.B * u32((f32(row) + 0.5) * numbers.inverse);
}
fn flowsAt(place: u32, at: u32, shares: vec3<f32>, all: u32) -> vec4<f32> {
  let jump = numbers.B * numbers.O / 4u;
  var value = vec4<f32>();
  if (shares.x != 0.0 && place < all) { value = shares.x * dy[at]; }
  if (shares.y != 0.0 && place + numbers.B < all) { value += shares.y * dy[at + jump]; }
  if (shares.z != 0.0 && place + 2u * numbers.B < all) { value += shares.z * dy[at + 2u * jump]; }
  return value;
}
fn gradientInputs(place: u32, first: u32, c: u32, shares: vec4<f32>, edge: u32, all: u32, jump: u32)
  -> vec4<f32> {
  return inputsAt(place, (first + place) * (numbers.C / 4u) + c, shares, edge, all, jump);
}
fn gradientFlows(place: u32, first: u32, o: u32, shares: vec3<f32>, all: u32) -> vec4<f32> {
  return flowsAt(place, (first + place) * (numbers.O / 4u) + o, shares, all);
}
${rowStore("keep", "parts", true)}`,
    begin: `let M = ${GROUPS}u * numbers.C;
let N = numbers.O;
${POINT}
let back = outputShares(point);
let joint = numbers.joint + wid.z / numbers.perJoint;
let first = (wid.z % numbers.perJoint) * numbers.rows;
let rows = numbers.J * numbers.B;
let K = min(numbers.rows, rows - min(rows, first));`,
    columnTile: "wid.x % numbers.columns",
    loadA: {
      along: "out",
      prepare: `let group$ = out$ / numbers.C;
let c$ = (out$ - group$ * numbers.C) / 4u;
let move$ = group$ * 3u * numbers.B - 4u * numbers.B;`,
      value: `gradientInputs(select(${NOWHERE}, tilePlace(first + k$) + move$, k$ < K), ` +
        "joint * all, c$, shares, edge, all, jump)",
    },
    loadB: {
      along: "out",
      value: "gradientFlows(tilePlace(first + k$), joint * all, out$ / 4u, back, all)",
    },
    store: `if (row < M && col < N) {
  keep((wid.z * 5u + point) * M + row, N, col, value);
}`,
  };
}
