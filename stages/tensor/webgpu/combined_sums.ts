/**
 * Sums of gradients over slices of rows, combined: by lanes in a fixed order, 8 bytes read for each slice
 * and column.
 *
 * @module
 */
import type { Tensor1D, Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";
import { gpuBackend } from "./gpu_backend.ts";
import { type Kernel, kernelOf } from "./kernel_code.ts";
import { laneTree, lines, pairwise } from "./row_slices.ts";

/** What sums over the rows give. */
export interface GradientSums {
  /** Gradient of gamma (C). */
  readonly dWeight: Tensor1D;
  /** Gradient of beta (C). */
  readonly dBias: Tensor1D;
  /** (5, C), for {@link inputGradients}: scale, mean, offset, and what all and each are moved by. */
  readonly slopes: Tensor2D;
}

/** Columns and lanes of a workgroup that combines slices. */
const COLUMNS = 8;
const LANES = 32;

/** Slices that a lane takes at once. */
const AT_ONCE = 8;

/**
 * Gradients of gamma and beta, and the slopes, from sums of slices.
 *
 * @param parts (slices, sums, C).
 * @param at Which of the sums: it and the next are used, of what flows and of that along x.
 * @param coefficients (4, C), those that the matrix was normalised with.
 * @param rows Of all slices together.
 */
export function combinedSums(
  parts: Tensor3D,
  at: number,
  coefficients: Tensor2D,
  rows: number,
): GradientSums {
  const backend = gpuBackend();
  const [slices, sums, columns] = parts.shape;
  const [dWeight, dBias] = [backend.empty<Tensor1D>([columns]), backend.empty<Tensor1D>([columns])];
  const slopes = backend.empty<Tensor2D>([5, columns]);
  backend.run(combiningKernel("moved"), {
    tensors: [parts, coefficients, dWeight, dBias, slopes],
    groups: [Math.ceil(columns / COLUMNS), 1, 1],
    numbers: [slices, columns, sums * columns, at * columns, rows],
  });
  return { dWeight, dBias, slopes };
}

/**
 * Gradients of gamma, beta and, if asked for, the bias before, where the statistics were constants.
 *
 * @param parts (slices, 2, C); the rest as of {@link combinedSums}.
 */
export function frozenSums(parts: Tensor3D, coefficients: Tensor2D, before: boolean): Tensor1D[] {
  const backend = gpuBackend();
  const [slices, sums, columns] = parts.shape;
  const found = Array.from({ length: before ? 3 : 2 }, () => backend.empty<Tensor1D>([columns]));
  backend.run(combiningKernel(before ? "before" : "frozen"), {
    tensors: [parts, coefficients, ...found],
    groups: [Math.ceil(columns / COLUMNS), 1, 1],
    numbers: [slices, columns, sums * columns, 0, 1],
  });
  return found;
}

/**
 * Sums of columns, from those of slices.
 *
 * @param parts (slices, 2, C).
 * @returns The first rows' sums (C), and the second rows'.
 */
export function columnTotals(parts: Tensor3D): [Tensor1D, Tensor1D] {
  const backend = gpuBackend();
  const [slices, , columns] = parts.shape;
  const found = [backend.empty<Tensor1D>([columns]), backend.empty<Tensor1D>([columns])] as const;
  backend.run(combiningKernel("totals"), {
    tensors: [parts, found[1], found[0]],
    groups: [Math.ceil(columns / COLUMNS), 1, 1],
    numbers: [slices, columns, 2 * columns, 0, 1],
  });
  return [...found];
}

/**
 * Combines the slices' sums into the gradients of weights.
 *
 * @param kind What else it writes: the slopes, or the gradient of the bias before; totals are all it
 * writes, and as they are.
 */
function combiningKernel(kind: "moved" | "frozen" | "before" | "totals"): Kernel {
  const outputs = ["d_weight", "d_bias"];
  if (kind === "moved") outputs.push("slopes");
  if (kind === "before") outputs.push("d_before");
  return kernelOf(`combined sums of gradients, ${kind}`, () => ({
    bindings: [
      { name: "parts" },
      ...(kind === "totals" ? [] : [{ name: "k" }]),
      ...outputs.map((name) => ({ name, write: true })),
    ],
    numbers: ["slices: u32", "columns: u32", "pitch: u32", "at: u32", "rows: u32"],
    workgroup: [COLUMNS, LANES],
    declarations: `var<workgroup> sums: array<vec2<f32>, ${COLUMNS * LANES}>;`,
    main: `let columns = numbers.columns;
      let column = wid.x * ${COLUMNS}u + lid.x;
      let lane = lid.y;
      let source = numbers.at + min(column, columns - 1u);
      var sum = vec2<f32>(0.0);
      for (var s = lane; s < numbers.slices; s += ${AT_ONCE * LANES}u) {
        ${
      lines(AT_ONCE, (i) =>
        `let at${i} = min(s + ${i * LANES}u, numbers.slices - 1u) * numbers.pitch + source;
        let part${i} = select(vec2<f32>(0.0), vec2<f32>(parts[at${i}], parts[at${i} + columns]),
          s + ${i * LANES}u < numbers.slices);`)
    }
        sum += ${pairwise(Array.from({ length: AT_ONCE }, (_, i) => `part${i}`))};
      }
      sums[lix] = sum;
      ${laneTree(COLUMNS, LANES, (other) => `sum += sums[${other}];`, "sums[lix] = sum;")}
      if (lane == 0u && column < columns) {
        ${kind === "totals" ? "let inverse = 1.0;" : "let inverse = k[columns + column];"}
        ${kind === "totals" ? "" : "let scale = k[2u * columns + column];"}
        d_weight[column] = sum.y * inverse;
        d_bias[column] = sum.x;
        ${kind === "before" ? "d_before[column] = sum.x * scale;" : ""}
        ${
      kind !== "moved" ? "" : `let share = scale / f32(numbers.rows);
        slopes[column] = scale;
        slopes[columns + column] = k[column];
        slopes[2u * columns + column] = k[3u * columns + column];
        slopes[3u * columns + column] = -share * sum.x;
        slopes[4u * columns + column] = -share * inverse * inverse * sum.y;`
    }
      }`,
  }));
}
