/**
 * The kernels of {@link norm_gradient.ts}: passes over rows that undo a normalisation, a ReLU and dropout on
 * the way to sums of columns or to gradients.
 *
 * @module
 */
import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import { type Binding, type Kernel, kernelOf } from "./kernel_code.ts";
import { bitsOf, bitsPlace, loadCoefficients, normalValue } from "./normalised_rows.ts";
import { laneTree, lines, pairwise, rowPlace, type RowWalk, UNROLLED } from "./row_slices.ts";

/** What flows back, and through what. */
export interface NormFlow {
  /** What was normalised, (..., C). */
  readonly x: Tensor;
  /** (4, C). */
  readonly coefficients: Tensor2D;
  /** Gradient of what came out. */
  readonly dy: Tensor;
  /** Which numbers it flows through: all, those that a ReLU let pass, or those that `bits` say. */
  readonly gate: "none" | "relu" | "bits";
  readonly bits?: Tensor;
  /** What dropout multiplied by; 0 without dropout, and one bit a number. */
  readonly factor?: number;
  /** The residual and its coefficients, if it was normalised. */
  readonly beside?: { readonly x: Tensor; readonly coefficients: Tensor2D } | undefined;
}

function inputBindings({ type }: RowWalk, { gate, factor = 0, beside }: NormFlow): Binding[] {
  const bindings: Binding[] = [{ name: "x", type }, { name: "dy", type }, { name: "k", type }];
  if (gate === "bits") bindings.push({ name: "bits", type: factor > 0 ? "vec2<u32>" : "u32" });
  if (beside !== undefined) bindings.push({ name: "r", type }, { name: "l", type });
  return bindings;
}

/**
 * Statements for row `u` of a step: `f`, what flows into the normalised x, and `g`, what flows into the
 * residual, given x, dy and the bits.
 */
function flowThrough(walk: RowWalk, { gate, factor = 0 }: NormFlow, u: number): string {
  if (gate === "none") return `let f${u} = dy${u};`;
  if (gate === "relu") {
    return `let f${u} = select(zero, dy${u}, ${normalValue(`x${u}`)} > zero);`;
  }
  if (factor === 0) {
    return `let f${u} = select(zero, dy${u}, ${bitsOf(walk, "open", u)});\nlet g${u} = f${u};`;
  }
  return `let f${u} = select(zero, dy${u} * numbers.factor, ${bitsOf(walk, "open.y", u)});
    let g${u} = select(zero, dy${u}, ${bitsOf(walk, "open.x", u)});`;
}

function keyOf({ columns }: RowWalk, { gate, factor = 0, beside }: NormFlow): string {
  return `${columns} ${gate} ${factor > 0 ? "dropped" : "kept"} ${
    beside ? "with another" : "alone"
  }`;
}

const NUMBERS = ["rows: u32", "factor: f32"];

/**
 * Sums of slices, (slices, 2 or 4, C): of what flows into x and of that along x, and likewise for a residual
 * that was normalised.
 *
 * @param writes Whether gradients are written on the way as well, where nothing moves them, and which.
 */
export function sumsKernel(
  walk: RowWalk,
  flow: NormFlow,
  writes?: { readonly through: boolean },
): Kernel {
  const { type, width, across, lanes, step, steps } = walk;
  const two = flow.beside !== undefined;
  const sums = two ? ["level", "along", "level2", "along2"] : ["level", "along"];
  const suffix = writes === undefined ? "" : writes.through ? ", dx and dr" : ", dx";
  const bindings: Binding[] = [...inputBindings(walk, flow), { name: "parts", type, write: true }];
  if (writes !== undefined) bindings.push({ name: "dx", type, write: true });
  if (writes?.through) bindings.push({ name: "dr", type, write: true });
  const loads = (u: number) => {
    const at = `at + ${u * lanes * width}u`;
    return `let x${u} = x[${at}];
      ${two ? `let r${u} = r[${at}];` : ""}
      let dy${u} = select(zero, dy[${at}], row + ${u * lanes}u < numbers.rows);`;
  };
  const written = (u: number) =>
    writes === undefined ? "" : `if (inside && row + ${u * lanes}u < numbers.rows) {
        dx[at + ${u * lanes * width}u] = f${u} * scale;
        ${writes.through ? `dr[at + ${u * lanes * width}u] = g${u};` : ""}
      }`;
  const sum = (term: (u: number) => string) =>
    pairwise(Array.from({ length: UNROLLED }, (_, u) => term(u)));
  return kernelOf(`sums of gradients ${keyOf(walk, flow)}${suffix}`, () => ({
    bindings,
    numbers: NUMBERS,
    workgroup: [across, lanes],
    declarations: lines(
      sums.length,
      (i) => `var<workgroup> shared_${sums[i]}: array<${type}, ${across * lanes}>;`,
    ),
    main: `${rowPlace(walk)}
      let zero = ${type}(0.0);
      ${loadCoefficients(walk, "k", "")}
      ${two ? loadCoefficients(walk, "l", "r_") : ""}
      ${lines(sums.length, (i) => `var ${sums[i]} = zero;`)}
      for (var s = 0u; s < ${steps}u; s++) {
        let first = (slice * ${steps}u + s) * ${step}u;
        if (first >= numbers.rows) { break; }
        let row = first + lane;
        let at = row * ${width}u + column;
        ${flow.gate === "bits" ? bitsPlace(walk, `(slice * ${steps}u + s)`) : ""}
        ${flow.gate === "bits" ? "let open = bits[word];" : ""}
        ${lines(UNROLLED, loads)}
        ${lines(UNROLLED, (u) => flowThrough(walk, flow, u))}
        level += ${sum((u) => `f${u}`)};
        along += ${sum((u) => `f${u} * (x${u} - mean)`)};
        ${two ? `level2 += ${sum((u) => `g${u}`)};` : ""}
        ${two ? `along2 += ${sum((u) => `g${u} * (r${u} - r_mean)`)};` : ""}
        ${lines(UNROLLED, written)}
      }
      ${lines(sums.length, (i) => `shared_${sums[i]}[lix] = ${sums[i]};`)}
      ${
      laneTree(
        across,
        lanes,
        (other) => lines(sums.length, (i) => `${sums[i]} += shared_${sums[i]}[${other}];`),
        lines(sums.length, (i) => `shared_${sums[i]}[lix] = ${sums[i]};`),
      )
    }
      if (lane == 0u && inside && slice * ${step * steps}u < numbers.rows) {
        let at = slice * ${sums.length * width}u + column;
        ${lines(sums.length, (i) => `parts[at + ${i * width}u] = ${sums[i]};`)}
      }`,
  }));
}

/**
 * Gradients of x, and of the residual if it was normalised or is asked for.
 *
 * @param through Whether a residual that was not normalised is.
 */
export function gradientKernel(walk: RowWalk, flow: NormFlow, through: boolean): Kernel {
  const { type, width, across, lanes, step } = walk;
  const two = flow.beside !== undefined;
  const bindings = [...inputBindings(walk, flow), { name: "dx", type, write: true }];
  if (through || two) bindings.push({ name: "dr", type, write: true });
  const slopes = (name: string, prefix: string) =>
    lines(
      5,
      (i) =>
        `let ${prefix}${["scale", "mean", "offset", "all", "each"][i]} = ${name}[column + ${
          i * width
        }u];`,
    );
  const loads = (u: number) => {
    const at = `at + ${u * lanes * width}u`;
    return `let x${u} = x[${at}];
      let dy${u} = dy[${at}];
      ${two ? `let r${u} = r[${at}];` : ""}`;
  };
  const moved = (flow: string, x: string, prefix: string) =>
    `fma(${flow}, ${prefix}scale, fma(${x} - ${prefix}mean, ${prefix}each, ${prefix}all))`;
  const written = (u: number) =>
    `${flowThrough(walk, flow, u)}
      if (inside && row + ${u * lanes}u < numbers.rows) {
        dx[at + ${u * lanes * width}u] = ${moved(`f${u}`, `x${u}`, "")};
        ${
      two
        ? `dr[at + ${u * lanes * width}u] = ${moved(`g${u}`, `r${u}`, "r_")};`
        : through
        ? `dr[at + ${u * lanes * width}u] = g${u};`
        : ""
    }
      }`;
  return kernelOf(`gradient ${keyOf(walk, flow)}${through ? ", dx and dr" : ""}`, () => ({
    bindings,
    numbers: NUMBERS,
    workgroup: [across, lanes],
    main: `${rowPlace(walk)}
      let zero = ${type}(0.0);
      ${slopes("k", "")}
      ${two ? slopes("l", "r_") : ""}
      let row = slice * ${step}u + lane;
      let at = row * ${width}u + column;
      ${flow.gate === "bits" ? bitsPlace(walk, "slice") + "let open = bits[word];" : ""}
      ${lines(UNROLLED, loads)}
      ${lines(UNROLLED, written)}`,
  }));
}
