/**
 * Moments of the columns of a matrix, by slices of rows: means, and sums of squared deviations from
 * them, never a difference of large sums. A convolution hands out those of its result, computed while it
 * is still in registers, and batch normalisation then needs no pass over memory for them.
 *
 * @module
 */
import type { Tensor, Tensor3D } from "@tensorflow/tfjs-core";
import { gpuBackend } from "./gpu_backend.ts";
import { type Kernel, kernelOf } from "./kernel_code.ts";
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

/** Means and sums of squared deviations of the columns over slices of the rows. */
export interface Moments {
  /** (slices, 2, C): a slice's means, then its sums of squared deviations from them. */
  readonly parts: Tensor3D;
  /** Rows of each slice but the last of its group. */
  readonly rows: number;
  /**
   * Rows of a group, where slices end at groups of rows, such as the rows of a joint (default: all rows
   * are one group). Each group has `ceil(group / rows)` slices.
   */
  readonly group?: number;
}

const given = new WeakMap<Tensor["dataId"], Moments>();

/**
 * Says what the moments of a matrix's columns are.
 *
 * @param y (..., C), or any tensor of the same memory.
 * @param moments To live as long as y: hand `parts` out beside y where a tape records.
 */
export function giveMoments(y: Tensor, moments: Moments): void {
  given.set(y.dataId, moments);
}

/** Moments of the columns of y (..., C): those given, or else by a pass that reads y once. */
export function momentsOf(y: Tensor, columns: number): Moments {
  const known = given.get(y.dataId);
  if (known?.parts.isDisposed === false && known.parts.shape[2] === columns) return known;
  const walk = rowWalk(columns);
  const rows = y.size / columns;
  const slices = sliceCount(walk, rows, walk.steps);
  const parts = gpuBackend().empty<Tensor3D>([slices, 2, columns]);
  const groups = rowGroups(walk, rows, walk.steps);
  gpuBackend().run(momentsKernel(walk), { tensors: [y, parts], groups, numbers: [rows] });
  return { parts, rows: walk.step * walk.steps };
}

function momentsKernel(walk: RowWalk): Kernel {
  const { columns, type, width, across, lanes, step, steps } = walk;
  const threads = across * lanes;
  const sum = (term: (u: number) => string) =>
    pairwise(Array.from({ length: UNROLLED }, (_, u) => term(u)));
  return kernelOf(`moments ${columns}`, () => ({
    bindings: [{ name: "x", type }, { name: "parts", type, write: true }],
    numbers: ["rows: u32"],
    workgroup: [across, lanes],
    declarations: `var<workgroup> means: array<${type}, ${threads}>;
      var<workgroup> squares: array<${type}, ${threads}>;
      var<workgroup> counts: array<f32, ${threads}>;`,
    main: `${rowPlace(walk)}
      let first = slice * ${step * steps}u;
      let last = min(numbers.rows, first + ${step * steps}u);
      var count = 0.0;
      var mean = ${type}(0.0);
      var square = ${type}(0.0);
      var row = first + lane;
      for (; row + ${(UNROLLED - 1) * lanes}u < last; row += ${step}u) {
        let at = row * ${width}u + column;
        ${lines(UNROLLED, (u) => `let x${u} = x[at + ${u * lanes * width}u];`)}
        let own = ${sum((u) => `x${u}`)} * ${1 / UNROLLED};
        ${lines(UNROLLED, (u) => `let d${u} = x${u} - own;`)}
        let spread = ${sum((u) => `d${u} * d${u}`)};
        let both = count + ${UNROLLED}.0;
        let apart = own - mean;
        mean += apart * (${UNROLLED}.0 / both);
        square += spread + apart * apart * (count * ${UNROLLED}.0 / both);
        count = both;
      }
      for (; row < last; row += ${lanes}u) {
        let apart = x[row * ${width}u + column] - mean;
        count += 1.0;
        mean += apart / count;
        square += apart * apart * ((count - 1.0) / count);
      }
      means[lix] = mean;
      squares[lix] = square;
      counts[lix] = count;
      ${mergeLanes(across, lanes)}
      if (lane == 0u && inside && first < numbers.rows) {
        let at = slice * ${2 * width}u + column;
        parts[at] = mean;
        parts[at + ${width}u] = square;
      }`,
  }));
}

/**
 * Statements that merge `mean`, `square` and `count` of all lanes of a column into lane 0's, where all
 * are in `means`, `squares` and `counts` by thread already: by Chan's formula, in a fixed tree.
 */
export function mergeLanes(across: number, lanes: number): string {
  return laneTree(
    across,
    lanes,
    (other) =>
      `let more = counts[${other}];
        let both = count + more;
        let share = more / max(both, 1.0);
        let apart = means[${other}] - mean;
        mean += apart * share;
        square += squares[${other}] + apart * apart * (count * share);
        count = both;`,
    `means[lix] = mean;
      squares[lix] = square;
      counts[lix] = count;`,
  );
}
