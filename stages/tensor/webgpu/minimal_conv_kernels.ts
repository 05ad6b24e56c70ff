/**
 * What lies around the products of minimal filtering: kernels to the points and their gradients back, and
 * products at the points to outputs, with the moments of their columns.
 *
 * @module
 */
import { flatIndex, type Kernel, kernelOf } from "./kernel_code.ts";
import {
  GROUPS,
  kernelGradientText,
  kernelText,
  outputsText,
  POINTS,
  TILE,
} from "./minimal_filter.ts";
import { mergeLanes } from "./moments.ts";

/** Threads of a workgroup. */
export const THREADS = 256;

const points = Array.from({ length: POINTS }, (_, p) => p);

/**
 * The kernel (9, C, O) at the points, (points, groups C, O); turned, for the input's gradient,
 * (points, groups O, C) from taps in reverse. A thread has a number of each point.
 */
export function kernelAtPoints(turned: boolean): Kernel {
  const tap = (k: number) =>
    turned
      ? `w[((8u - group * 3u - ${k}u) * numbers.C + column) * numbers.O + line]`
      : `w[((group * 3u + ${k}u) * numbers.C + line) * numbers.O + column]`;
  return kernelOf(`minimal conv kernel at points${turned ? ", turned" : ""}`, () => ({
    bindings: [{ name: "w" }, { name: "at", write: true }],
    numbers: ["C: u32", "O: u32"],
    workgroup: [THREADS],
    main: `${flatIndex(THREADS)}
let lines = ${turned ? "numbers.O" : "numbers.C"};
let columns = ${turned ? "numbers.C" : "numbers.O"};
let size = ${GROUPS}u * lines * columns;
if (index < size) {
  let column = index % columns;
  let line = (index / columns) % lines;
  let group = index / (columns * lines);
  let a = ${tap(0)};
  let b = ${tap(1)};
  let c = ${tap(2)};
${kernelText("a", "b", "c").map((text, p) => `  at[index + ${p}u * size] = ${text};`).join("\n")}
}`,
  }));
}

/** The gradient of a kernel (9, size) from those at the points, (points, groups, size). */
export function kernelFromPoints(): Kernel {
  return kernelOf("minimal conv kernel gradient from points", () => ({
    bindings: [{ name: "at", type: "vec4<f32>" }, { name: "dw", type: "vec4<f32>", write: true }],
    numbers: ["size: u32"],
    workgroup: [THREADS],
    main: `${flatIndex(THREADS)}
if (index < ${GROUPS}u * numbers.size) {
  let group = index / numbers.size;
  let to = index + 2u * group * numbers.size;
${points.map((p) => `  let p${p} = at[index + ${p * GROUPS}u * numbers.size];`).join("\n")}
${
      kernelGradientText(points.map((p) => `p${p}`)).map((text, k) =>
        `  dw[to + ${k}u * numbers.size] = ${text};`
      ).join("\n")
    }
}`,
  }));
}

/** How many threads lie along a row of vectors, and how many rows a workgroup has in flight. */
export function outputLanes(outer: number): { across: number; lanes: number; pieces: number } {
  const width = outer / 4;
  const across = Math.min(64, width);
  return { across, lanes: Math.floor(THREADS / across), pieces: Math.ceil(width / across) };
}

/**
 * Outputs (V, T, B, O) from the products at the points, and the moments of their columns by slices of
 * `tiles` tiles of a joint. A workgroup has a slice (x) and a piece of the columns (y).
 */
export function outputsFromPoints(outer: number): Kernel {
  const { across, lanes } = outputLanes(outer);
  const type = "vec4<f32>";
  const outputs = outputsText(points.map((p) => `p${p}`));
  return kernelOf(`minimal conv outputs ${outer}`, () => ({
    bindings: [
      { name: "products", type },
      { name: "y", type, write: true },
      { name: "parts", type, write: true },
    ],
    numbers: ["V: u32", "T: u32", "J: u32", "B: u32", "tiles: u32", "perJoint: u32"],
    workgroup: [across, lanes],
    declarations: `var<workgroup> means: array<${type}, ${across * lanes}>;
var<workgroup> squares: array<${type}, ${across * lanes}>;
var<workgroup> counts: array<f32, ${across * lanes}>;`,
    main: `
let width = ${outer / 4}u;
let column = wid.y * ${across}u + lid.x;
let inside = column < width;
let lane = lid.y;
let joint = wid.x / numbers.perJoint;
let slice = wid.x % numbers.perJoint;
let size = numbers.V * numbers.J * numbers.B * width;
let firstTile = slice * numbers.tiles;
let rows = (min(numbers.J, firstTile + numbers.tiles) - firstTile) * numbers.B;
var count = 0.0;
var mean = ${type}(0.0);
var square = ${type}(0.0);
for (var row = lane; row < rows; row += ${lanes}u) {
  let tile = row / numbers.B;
  let body = row - tile * numbers.B;
  let at = ((joint * numbers.J + firstTile) * numbers.B + row) * width + column;
  if (inside) {
${points.map((p) => `    let p${p} = products[at + ${p}u * size];`).join("\n")}
    let y0 = ${outputs[0]};
    let y1 = ${outputs[1]};
    let y2 = ${outputs[2]};
    let frame = (firstTile + tile) * ${TILE}u;
    let to = ((joint * numbers.T + frame) * numbers.B + body) * width + column;
    let two = frame + 1u < numbers.T;
    let three = frame + 2u < numbers.T;
    y[to] = y0;
    if (two) { y[to + numbers.B * width] = y1; }
    if (three) { y[to + 2u * numbers.B * width] = y2; }
    let few = select(1.0, select(2.0, 3.0, three), two);
    let own = (y0 + select(${type}(), y1, two) + select(${type}(), y2, three)) / few;
    let d0 = y0 - own;
    let d1 = select(${type}(), y1 - own, two);
    let d2 = select(${type}(), y2 - own, three);
    let both = count + few;
    let apart = own - mean;
    mean += apart * (few / both);
    square += (d0 * d0 + d1 * d1 + d2 * d2) + apart * apart * (count * few / both);
    count = both;
  }
}
means[lix] = mean;
squares[lix] = square;
counts[lix] = count;
${mergeLanes(across, lanes)}
if (lane == 0u && inside) {
  let at = wid.x * 2u * width + column;
  parts[at] = mean;
  parts[at + width] = square;
}`,
  }));
}
