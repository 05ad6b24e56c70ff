/**
 * The forward pass of whatever normalises: y = mask ((x - mean) scale + offset) + r, and max(y, 0) of it,
 * where r is nothing, a tensor, or one that is normalised too. The mask of dropout is drawn on the way.
 *
 * Bytes moved, by number: 4 read and 4 written, 4 more read where there is an r, and one bit (two with
 * dropout) written where a gradient will flow back.
 *
 * @module
 */
import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import type { MaskSource } from "../ops/block_end.ts";
import { gpuBackend } from "./gpu_backend.ts";
import { type Binding, type Kernel, kernelOf } from "./kernel_code.ts";
import { dropoutThreshold } from "./ops/dropout_mask.ts";
import { lines, rowGroups, rowPlace, type RowWalk, rowWalk, UNROLLED } from "./row_slices.ts";
import { THREEFRY } from "./threefry.ts";

/** What becomes of a normalised matrix. */
export interface NormalisedRows {
  /** Whether numbers below 0 become 0. */
  readonly rectified: boolean;
  /** What is added before that (default: nothing); of x's shape. */
  readonly r?: Tensor | null;
  /** r's coefficients, if it is normalised. */
  readonly others?: Tensor2D | null;
  /** Dropout of the normalised x. */
  readonly mask?: MaskSource | null;
  /** Takes the {@link emptyBits} of the pass. */
  readonly bits?: Tensor | null;
}

/**
 * Room for what a gradient needs of a pass: for each number one bit (whether y is above 0), and with
 * dropout a second (whether it was kept as well), in the order of the threads that write and read them.
 */
export function emptyBits(x: Tensor, columns: number, dropout: boolean): Tensor {
  const walk = rowWalk(columns);
  const [slices, pieces, layers] = rowGroups(walk, x.size / columns, 1);
  const words = slices * pieces * layers * walk.across * walk.lanes;
  return gpuBackend().empty([dropout ? 2 * words : words], "int32");
}

/** The statement that says where a thread's bits are: `word`, given `piece` steps before it. */
export function bitsPlace({ across, lanes, pieces }: RowWalk, step: string): string {
  return `let word = (${step} * ${pieces}u + wid.y) * ${across * lanes}u + lix;`;
}

/** A condition, one for each number of an element: its bits of a word, for row `u` of a step. */
export function bitsOf({ wide }: RowWalk, word: string, u: number): string {
  if (!wide) return `((${word} & ${1 << u}u) != 0u)`;
  const bits = Array.from({ length: 4 }, (_, i) => `${2 ** (4 * u + i)}u`).join(", ");
  return `((vec4<u32>(${word}) & vec4<u32>(${bits})) != vec4<u32>(0u))`;
}

/** A row's coefficients in registers, under a prefix; to be read by {@link normalValue}. */
export function loadCoefficients({ width }: RowWalk, name: string, prefix: string): string {
  return `let ${prefix}mean = ${name}[column];
    let ${prefix}scale = ${name}[column + ${2 * width}u];
    let ${prefix}offset = ${name}[column + ${3 * width}u];`;
}

/** (x - mean) scale + offset: the same text wherever it is computed again. */
export function normalValue(x: string, prefix = ""): string {
  return `fma(${x} - ${prefix}mean, ${prefix}scale, ${prefix}offset)`;
}

/** x (..., C) normalised by coefficients (4, C); see {@link NormalisedRows}. */
export function normalisedRows<T extends Tensor>(
  x: T,
  coefficients: Tensor2D,
  rows: NormalisedRows,
  y: T = gpuBackend().empty<T>(x.shape),
): T {
  const { r = null, others = null, mask = null, bits = null } = rows;
  const walk = rowWalk(coefficients.shape[1]);
  const count = x.size / walk.columns;
  const { threshold, factor } = dropoutThreshold(mask?.p ?? 0);
  const key = mask?.key ?? [0, 0];
  gpuBackend().run(forwardKernel(walk, rows), {
    tensors: [x, coefficients, r, others, y, bits].filter((tensor) => tensor !== null),
    groups: rowGroups(walk, count, 1),
    numbers: mask === null ? [count] : [count, key[0], key[1], threshold, factor],
  });
  return y;
}

function forwardKernel(walk: RowWalk, rows: NormalisedRows): Kernel {
  const [residual, normalised] = [rows.r != null, rows.others != null];
  const [dropout, bits, { rectified }] = [rows.mask != null, rows.bits != null, rows];
  const { columns, wide, type, width, lanes, step } = walk;
  const bindings: Binding[] = [{ name: "x", type }, { name: "k", type }];
  if (residual) bindings.push({ name: "r", type });
  if (normalised) bindings.push({ name: "l", type });
  bindings.push({ name: "y", type, write: true });
  if (bits) bindings.push({ name: "bits", type: dropout ? "vec2<u32>" : "u32", write: true });
  const flags = [residual, normalised, dropout, bits, rectified].map(Number).join("");
  const one = wide ? "vec4<f32>(1.0)" : "1.0";
  const value = (u: number) => {
    const text = [`var y${u} = ${normalValue(`x${u}`)};`];
    if (dropout) text.push(`y${u} *= select(zero, factor, ${bitsOf(walk, "drawn", u)});`);
    if (normalised) text.push(`y${u} += ${normalValue(`r${u}`, "r_")};`);
    else if (residual) text.push(`y${u} += r${u};`);
    // Unlike `max`, this keeps what is not a number, so that a loss shows it.
    if (rectified) text.push(`y${u} = select(y${u}, zero, y${u} < zero);`);
    text.push(`if (inside && row + ${u * lanes}u < numbers.rows) {
      y[at + ${u * lanes * width}u] = y${u};
    }`);
    if (bits) text.push(`gate |= packed(y${u} > zero, ${wide ? 4 * u : u}u);`);
    return text.join("\n");
  };
  // Drawn in a loop, and kept as bits: a loop costs less here than eight times the generator's text.
  const draws = `var drawn = 0u;
    for (var u = 0u; u < ${UNROLLED}u; u++) {
      let index = (row + u * ${lanes}u) * ${columns}u + column${wide ? " * 4u" : ""};
      drawn |= packed(kept(index), u${wide ? " * 4u" : ""});
    }`;
  const draw = wide
    ? `fn kept(index: u32) -> vec4<bool> {
        let key = vec2<u32>(numbers.key0, numbers.key1);
        let words = vec4<u32>(threefry(key, vec2<u32>(index >> 1u, 0u)),
          threefry(key, vec2<u32>((index >> 1u) + 1u, 0u)));
        return (words >> vec4<u32>(8u)) >= vec4<u32>(numbers.threshold);
      }`
    : `fn kept(index: u32) -> bool {
        return (bits_at(vec2<u32>(numbers.key0, numbers.key1), index) >> 8u) >= numbers.threshold;
      }`;
  const pack = wide
    ? `fn packed(which: vec4<bool>, at: u32) -> u32 {
        let bits = select(vec4<u32>(0u), vec4<u32>(1u, 2u, 4u, 8u), which);
        return ((bits.x | bits.y) | (bits.z | bits.w)) << at;
      }`
    : `fn packed(which: bool, at: u32) -> u32 { return select(0u, 1u, which) << at; }`;
  return kernelOf(`normalised rows ${columns} ${flags}`, () => ({
    bindings,
    numbers: dropout
      ? ["rows: u32", "key0: u32", "key1: u32", "threshold: u32", "factor: f32"]
      : ["rows: u32"],
    workgroup: [walk.across, walk.lanes],
    declarations: [dropout ? THREEFRY + draw : "", bits || dropout ? pack : ""].join("\n"),
    main: `${rowPlace(walk)}
      let zero = ${type}(0.0);
      ${dropout ? `let factor = ${one} * numbers.factor;` : ""}
      ${loadCoefficients(walk, "k", "")}
      ${normalised ? loadCoefficients(walk, "l", "r_") : ""}
      let row = slice * ${step}u + lane;
      let at = row * ${width}u + column;
      ${lines(UNROLLED, (u) => `let x${u} = x[at + ${u * lanes * width}u];`)}
      ${residual ? lines(UNROLLED, (u) => `let r${u} = r[at + ${u * lanes * width}u];`) : ""}
      ${bits ? "var gate = 0u;" : ""}
      ${dropout ? draws : ""}
      ${lines(UNROLLED, value)}
      ${bits ? bitsPlace(walk, "slice") : ""}
      ${bits ? `bits[word] = ${dropout ? "vec2<u32>(gate, gate & drawn)" : "gate"};` : ""}`,
  }));
}
