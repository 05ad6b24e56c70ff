/**
 * The convolution along time as matrix products whose operands are gathered on the way: forward, and the
 * gradient of its input.
 *
 * A row of activations is (v T + t) B + b; its place in its joint is t B + b, and a tap moves that by
 * B. So a row is divided into joint, frame and body once, before the loop, and a place that leaves the
 * joint is one of the frames outside, which are zeros.
 *
 * @module
 */
import { PARTS, rowLoad, rowStore, vectors } from "./matrix_product.ts";
import type { ProductCode } from "./product.ts";

/** What the text of a kernel hangs on. */
export interface ConvForm {
  readonly taps: number;
  /** C. */
  readonly inner: number;
  /** O. */
  readonly outer: number;
  readonly stride: number;
}

/** Numbers of the kernels, in order. */
export const NUMBERS = [
  "taps: u32",
  "C: u32",
  "O: u32",
  "stride: u32",
  "V: u32",
  "T: u32",
  "steps: u32",
  "B: u32",
] as const;

/** Joint, and place in it, of a row of `steps` frames. */
const PLACE = `
fn jointOf(row: u32) -> u32 { return row / (numbers.steps * numbers.B); }
fn placeOf(row: u32, stride: u32) -> u32 {
  let step = row / numbers.B;
  return (step % numbers.steps) * stride * numbers.B + row - step * numbers.B;
}`;

/** y = products of x's rows, moved by each tap, with the kernel; moments of y's columns beside it. */
export function forwardCode({ taps, inner, outer }: ConvForm): ProductCode {
  const wide = { x: inner % 4 === 0, y: outer % 4 === 0 };
  return {
    key: `temporal conv ${taps === 1 ? "1" : `C${inner}`} ${+wide.x} ${+wide.y}`,
    bindings: [
      vectors("x", wide.x),
      vectors("w", wide.y),
      { ...vectors("y", wide.y), write: true },
      { name: "moments", write: true },
    ],
    numbers: NUMBERS,
    declarations: `${PLACE}
${frameLoad("x", wide.x, taps === 1 ? undefined : inner)}
${rowLoad("loadKernel", "w", wide.y)}
${rowStore("keep", "y", wide.y)}`,
    begin: `let M = numbers.V * numbers.steps * numbers.B;
let N = numbers.O;
let K = numbers.taps * numbers.C;
let back = (numbers.taps / 2u) * numbers.B;
let all = numbers.T * numbers.B;`,
    loadA: {
      along: "k",
      prepare: `let inside$ = out$ < M;
let first$ = jointOf(out$) * all;
let place$ = placeOf(out$, numbers.stride);`,
      value: "loadFrames(first$, place$, k$, inside$ && k$ < K, back, all)",
    },
    loadB: {
      along: "out",
      // Beyond the end: some numbers, which A's zeros or no column want.
      value: wide.y ? "w[(k$ * N + out$) / 4u]" : "loadKernel(k$, N, out$, k$ < K)",
    },
    store: "if (row < M && col < N) { keep(row, N, col, value); }",
    moments: "moments",
  };
}

/**
 * A function that loads four numbers of x's rows at a place and of k = tap C + c on: those of the frame
 * that the tap moves the place to.
 *
 * @param C Written into the text, since it is divided by in the loop; without it there is one tap.
 */
function frameLoad(binding: string, wide: boolean, C: number | undefined): string {
  const head = `fn loadFrames(first: u32, place: u32, k: u32, inside: bool, back: u32, all: u32)
  -> vec4<f32> {
var value = vec4<f32>();`;
  const tap = (at: string) =>
    C === undefined
      ? `let moved = place + back; let c = ${at};`
      : `let tap = (${at}) / ${C}u; let moved = place + tap * numbers.B; let c = (${at}) - tap * ${C}u;`;
  const isInside = "moved >= back && moved - back < all";
  const at = `(first + moved - back) * ${C === undefined ? "numbers.C" : `${C}u`} + c`;
  if (wide) {
    return `${head}
${tap("k")}
if (inside && ${isInside}) { value = ${binding}[(${at}) / 4u]; }
return value; }`;
  }
  return `${head}
${
    PARTS.map((part, i) =>
      `{ ${tap(`k + ${i}u`)}
if (inside && k + ${i}u < numbers.taps * numbers.C && ${isInside}) { value.${part} = ${binding}[${at}]; } }`
    ).join("\n")
  }
return value; }`;
}

/**
 * dx: frames u = stride s + phase of x get what the taps with u + half - tap = stride t bring back from
 * frames t of dy. A phase is a product of its own, of its own taps alone; without any it stores zeros.
 */
export function inputGradientCode({ taps, inner, outer }: ConvForm): ProductCode {
  const wide = { x: inner % 4 === 0, y: outer % 4 === 0 };
  const tap = (k: string) =>
    taps === 1
      ? `let back = 0u; let o = ${k};`
      : `let back = (${k}) / ${outer}u; let o = (${k}) - back * ${outer}u;`;
  const flow = (k: string) =>
    `{ ${tap(k)}
let moved = place - back * numbers.B;
if (inside && place >= back * numbers.B && moved < all) {`;
  const kernelAt = (k: string) =>
    `${tap(k)}
let at = ((firstTap + back * numbers.stride) * numbers.C + column) * numbers.O + o;`;
  const kernel = (k: string) => `{ ${kernelAt(k)}\nif (column < numbers.C) {`;
  const four = (begin: (k: string) => string, binding: string, at: string) =>
    wide.y
      ? `if (k < depth) ${begin("k")} value = ${binding}[(${at}) / 4u]; } }`
      : PARTS.map((part, i) =>
        `if (k + ${i}u < depth) ${begin(`k + ${i}u`)} value.${part} = ${binding}[${at}]; } }`
      ).join("\n");
  return {
    key: `temporal conv input gradient ${taps === 1 ? "1" : `O${outer}`} ${+wide.x} ${+wide.y}`,
    bindings: [
      vectors("dy", wide.y),
      vectors("w", wide.y),
      { ...vectors("dx", wide.x), write: true },
    ],
    numbers: NUMBERS,
    declarations: `${PLACE}
fn loadFlow(first: u32, place: u32, k: u32, depth: u32, inside: bool, all: u32) -> vec4<f32> {
var value = vec4<f32>();
${four(flow, "dy", "(first + moved) * numbers.O + o")}
return value; }
fn loadKernel(column: u32, k: u32, depth: u32, firstTap: u32) -> vec4<f32> {
var value = vec4<f32>();
${wide.y ? `${kernelAt("k")}\nvalue = w[at / 4u];` : four(kernel, "w", "at")}
return value; }
${rowStore("keep", "dx", wide.x)}
fn rowOf(row: u32, phase: u32) -> u32 {
  if (numbers.stride == 1u) { return row; }
  let step = row / numbers.B;
  return (step * numbers.stride + phase) * numbers.B + row - step * numbers.B;
}`,
    begin: `let M = numbers.V * numbers.steps * numbers.B;
let N = numbers.C;
let all = numbers.steps * numbers.B;
let ahead = wid.z + numbers.taps / 2u;
let firstTap = ahead % numbers.stride;
let K = select(0u, (numbers.taps + numbers.stride - 1u - firstTap) / numbers.stride,
  firstTap < numbers.taps) * numbers.O;
let shift = (ahead / numbers.stride) * numbers.B;`,
    loadA: {
      along: "k",
      prepare: `let inside$ = out$ < M;
let first$ = jointOf(out$) * all;
let place$ = placeOf(out$, 1u) + shift;`,
      value: "loadFlow(first$, place$, k$, K, inside$, all)",
    },
    loadB: { along: "k", value: "loadKernel(out$, k$, K, firstTap)" },
    store: "if (row < M && col < N) { keep(rowOf(row, wid.z), N, col, value); }",
  };
}
