/**
 * The way back through whatever normalises with the batch's own statistics: a pass that sums over the
 * rows, a small kernel that combines the slices, and a pass that writes the gradients of the inputs. A
 * residual that is normalised too goes the same way in the same passes.
 *
 * Bytes moved, by number: the sums read 8 (x and dy), 12 with a normalised residual; the gradients read as
 * many, and write 4 for each input. One bit, or two with dropout, is read in each pass after a block's
 * end; after a ReLU alone nothing, since x says itself where that was open.
 *
 * @module
 */
import type { Tensor, Tensor1D, Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";
import { combinedSums, frozenSums, type GradientSums } from "./combined_sums.ts";
import { gpuBackend } from "./gpu_backend.ts";
import { type Binding, type Kernel, kernelOf } from "./kernel_code.ts";
import { bitsOf, bitsPlace, loadCoefficients, normalValue } from "./normalised_rows.ts";
import {
  laneTree,
  lines,
  pairwise,
  rowGroups,
  rowPlace,
  type RowWalk,
  rowWalk,
  sliceCount,
  UNROLLED,
} from "./row_slices.ts";

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

/** The gradients of gamma and beta, of x and then of the residual, if that was normalised. */
export function gradientSums(flow: NormFlow): GradientSums[] {
  const { x, coefficients, beside } = flow;
  const walk = rowWalk(coefficients.shape[1]);
  const rows = x.size / walk.columns;
  const sums = beside === undefined ? 2 : 4;
  const parts = gpuBackend().empty<Tensor3D>([
    sliceCount(walk, rows, walk.steps),
    sums,
    walk.columns,
  ]);
  gpuBackend().run(sumsKernel(walk, flow), {
    tensors: [...inputsOf(flow), parts],
    groups: rowGroups(walk, rows, walk.steps),
    numbers: [rows, flow.factor ?? 0],
  });
  const found = [combinedSums(parts, 0, coefficients, rows)];
  if (beside !== undefined) found.push(combinedSums(parts, 2, beside.coefficients, rows));
  parts.dispose();
  return found;
}

/**
 * The gradients of the inputs.
 *
 * @param slopes As {@link gradientSums} gave them.
 * @param through Whether the gradient of a residual that was not normalised is asked for too.
 * @returns That of x, and then that of the residual.
 */
export function inputGradients(
  flow: NormFlow,
  slopes: readonly Tensor2D[],
  through = false,
): Tensor[] {
  const { x, beside } = flow;
  const walk = rowWalk(flow.coefficients.shape[1]);
  const rows = x.size / walk.columns;
  const found = [gpuBackend().empty(x.shape)];
  if (through || beside !== undefined) found.push(gpuBackend().empty(x.shape));
  const inputs = inputsOf({
    ...flow,
    coefficients: slopes[0]!,
    beside: beside === undefined ? undefined : { x: beside.x, coefficients: slopes[1]! },
  });
  gpuBackend().run(gradientKernel(walk, flow, through), {
    tensors: [...inputs, ...found],
    groups: rowGroups(walk, rows, 1),
    numbers: [rows, flow.factor ?? 0],
  });
  return found;
}

/**
 * The way back where nothing is moved, since the statistics were constants: sums and gradients in one
 * pass, 8 bytes read and 4 written by number.
 *
 * @param flow Without a normalised residual.
 * @param through Whether the gradient of the residual is asked for too.
 * @param before Whether that of the bias before is.
 * @returns The gradients of gamma, beta and, if asked for, the bias before; of x; and of the residual.
 */
export function frozenGradients(
  flow: NormFlow,
  through: boolean,
  before: boolean,
): { weights: Tensor1D[]; inputs: Tensor[] } {
  const backend = gpuBackend();
  const { x, coefficients } = flow;
  const walk = rowWalk(coefficients.shape[1]);
  const { columns, steps } = walk;
  const rows = x.size / columns;
  const parts = backend.empty<Tensor3D>([sliceCount(walk, rows, steps), 2, columns]);
  const inputs = [backend.empty(x.shape)];
  if (through) inputs.push(backend.empty(x.shape));
  backend.run(sumsKernel(walk, flow, { through }), {
    tensors: [...inputsOf(flow), parts, ...inputs],
    groups: rowGroups(walk, rows, steps),
    numbers: [rows, flow.factor ?? 0],
  });
  const weights = frozenSums(parts, coefficients, before);
  parts.dispose();
  return { weights, inputs };
}

function inputsOf({ x, coefficients, dy, gate, bits, beside }: NormFlow): Tensor[] {
  const inputs: Tensor[] = [x, dy, coefficients];
  if (gate === "bits") inputs.push(bits!);
  if (beside !== undefined) inputs.push(beside.x, beside.coefficients);
  return inputs;
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

/** @param writes Whether gradients are written on the way, and which. */
function sumsKernel(walk: RowWalk, flow: NormFlow, writes?: { readonly through: boolean }): Kernel {
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
      laneTree(across, lanes, (other) =>
        lines(sums.length, (i) =>
          `${sums[i]} += shared_${sums[i]}[${other}]; shared_${sums[i]}[lix] = ${sums[i]};`))
    }
      if (lane == 0u && inside && slice * ${step * steps}u < numbers.rows) {
        let at = slice * ${sums.length * width}u + column;
        ${lines(sums.length, (i) => `parts[at + ${i * width}u] = ${sums[i]};`)}
      }`,
  }));
}

function gradientKernel(walk: RowWalk, flow: NormFlow, through: boolean): Kernel {
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
