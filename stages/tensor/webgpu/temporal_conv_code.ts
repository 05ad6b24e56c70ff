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
import { rowLoad, rowStore, vectors } from "./matrix_product.ts";
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

/** A place that is in no joint. */
export const NOWHERE = "0x80000000u";

/**
 * A function that loads from a place in a joint of `all` rows: zeros beyond, where places below zero are
 * too, since they wrap around.
 */
export function frameLoad(binding: string, wide: boolean): string {
  const type = wide ? "vec4<f32>" : "f32";
  return `fn loadFrame(place: u32, at: u32, all: u32) -> ${type} {
  var value = ${type}();
  if (place < all) { value = ${binding}[at]; }
  return value;
}`;
}

/** k = tap size + rest, the size written into the text, since it is divided by in the loop. */
function split(k: string, { taps, size }: { taps: number; size: number }) {
  return taps === 1
    ? { tap: "0u", rest: `(${k})` }
    : { tap: `((${k}) / ${size}u)`, rest: `((${k}) % ${size}u)` };
}

/** A vector of k$ .. k$ + 3: at once where memory is in vectors, else of four numbers. */
function fourOf(wide: boolean, text: (k: string) => string): string {
  return wide
    ? text("k$")
    : `vec4<f32>(${[0, 1, 2, 3].map((i) => text(`(k$ + ${i}u)`)).join(", ")})`;
}

/** y = products of x's rows, moved by each tap, with the kernel; moments of y's columns beside it. */
export function forwardCode({ taps, inner, outer }: ConvForm): ProductCode {
  const wide = { x: inner % 4 === 0, y: outer % 4 === 0 };
  const unit = wide.x ? 4 : 1;
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
${frameLoad("x", wide.x)}
${rowLoad("loadKernel", "w", wide.y)}
${rowStore("keep", "y", wide.y)}`,
    begin: `let M = numbers.V * numbers.steps * numbers.B;
let N = numbers.O;
let K = numbers.taps * numbers.C;
let all = numbers.T * numbers.B;
let jump = numbers.B * numbers.C / ${unit}u;
let width = N / 4u;`,
    loadA: {
      along: "k",
      prepare: `let place$ = placeOf(out$, numbers.stride) - (numbers.taps / 2u) * numbers.B;
let at$ = (jointOf(out$) * all + place$) * (numbers.C / ${unit}u);`,
      value: fourOf(wide.x, (k) => {
        const { tap, rest } = split(k, { taps, size: inner });
        return `loadFrame(select(${NOWHERE}, place$ + ${tap} * numbers.B, ${k} < K), ` +
          `at$ + ${tap} * jump + ${rest} / ${unit}u, all)`;
      }),
    },
    loadB: {
      along: "out",
      prepare: "let column$ = out$ / 4u;",
      // Beyond the end: some numbers, which A's zeros or no column want.
      value: wide.y ? "w[k$ * width + column$]" : "loadKernel(k$, N, out$, k$ < K)",
    },
    store: "if (row < M && col < N) { keep(row, N, col, value); }",
    moments: "moments",
  };
}

/**
 * dx: frames u = stride s + phase of x get what the taps with u + half - tap = stride t bring back from
 * frames t of dy. A phase is a product of its own, of its own taps alone; without any it stores zeros.
 */
export function inputGradientCode({ taps, inner, outer }: ConvForm): ProductCode {
  const wide = { x: inner % 4 === 0, y: outer % 4 === 0 };
  const unit = wide.y ? 4 : 1;
  const form = { taps, size: outer };
  return {
    key: `temporal conv input gradient ${taps === 1 ? "1" : `O${outer}`} ${+wide.x} ${+wide.y}`,
    bindings: [
      vectors("dy", wide.y),
      vectors("w", wide.y),
      { ...vectors("dx", wide.x), write: true },
    ],
    numbers: NUMBERS,
    declarations: `${PLACE}
${frameLoad("dy", wide.y)}
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
let width = numbers.O / ${unit}u;
let jump = numbers.B * width;
let tapJump = numbers.stride * numbers.C * width;`,
    loadA: {
      along: "k",
      prepare: `let place$ = placeOf(out$, 1u) + (ahead / numbers.stride) * numbers.B;
let at$ = (jointOf(out$) * all + place$) * width;`,
      value: fourOf(wide.y, (k) => {
        const { tap, rest } = split(k, form);
        return `loadFrame(select(${NOWHERE}, place$ - ${tap} * numbers.B, ${k} < K), ` +
          `at$ - ${tap} * jump + ${rest} / ${unit}u, all)`;
      }),
    },
    loadB: {
      along: "k",
      prepare: "let column$ = (firstTap * numbers.C + out$) * width;",
      value: fourOf(wide.y, (k) => {
        const { tap, rest } = split(k, form);
        return `w[column$ + ${tap} * tapJump + ${rest} / ${unit}u]`;
      }),
    },
    store: "if (row < M && col < N) { keep(rowOf(row, wid.z), N, col, value); }",
  };
}
