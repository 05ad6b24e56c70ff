/**
 * Sums over the rows of each joint, in slices.
 *
 * @module
 */
import type { Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";
import { gpuBackend } from "./gpu_backend.ts";
import { type Kernel, kernelOf } from "./kernel_code.ts";
import { elementOf, type Lanes, lanesOf } from "./lanes.ts";
import { sumTree } from "./workgroup_tree.ts";

const THREADS = 256;

/** Rows of a joint that one sum takes. */
const SUM_ROWS = 512;

/** Sums of dy over slices of a joint's rows: (V, T, B, O) -> (V, slices, O). */
export function jointSums(dy: Tensor4D): Tensor3D {
  const [joints, frames, bodies, outer] = dy.shape;
  const rows = frames * bodies;
  const parts = Math.ceil(rows / SUM_ROWS);
  const sums = gpuBackend().empty<Tensor3D>([joints, parts, outer]);
  const lanes = lanesOf(outer);
  const columns = outer / lanes;
  let across = 1;
  while (across < 64 && across < columns) across *= 2;
  gpuBackend().run(jointSumKernel(lanes, across), {
    tensors: [dy, sums],
    groups: [Math.ceil(columns / across), parts, joints],
    numbers: [rows, columns],
  });
  return sums;
}

/** Each workgroup: some columns of a slice of a joint's rows, `across` of them side by side. */
function jointSumKernel(lanes: Lanes, across: number): Kernel {
  const type = elementOf(lanes);
  const side = THREADS / across;
  const steps = [0, 1, 2, 3].map((i) => `
    if (inside && row + ${i * side}u < end) { sum${i} += dy[at + ${
    i * side
  }u * numbers.columns]; }`);
  return kernelOf(`graphConv joint sums ${type} ${across}`, () => ({
    bindings: [{ name: "dy", type }, { name: "sums", type, write: true }],
    numbers: ["rows: u32", "columns: u32"],
    workgroup: [THREADS],
    declarations: `var<workgroup> shared_sums: array<${type}, ${THREADS}>;`,
    main: `
      let column = wid.x * ${across}u + (lix & ${across - 1}u);
      let inside = column < numbers.columns;
      let end = min(numbers.rows, (wid.y + 1u) * ${SUM_ROWS}u);
      var row = wid.y * ${SUM_ROWS}u + lix / ${across}u;
      var at = (wid.z * numbers.rows + row) * numbers.columns + column;
      var sum0 = ${type}(0.0);
      var sum1 = sum0;
      var sum2 = sum0;
      var sum3 = sum0;
      while (row < end) {
        ${steps.join("")}
        row += ${4 * side}u;
        at += ${4 * side}u * numbers.columns;
      }
      shared_sums[lix] = (sum0 + sum1) + (sum2 + sum3);
      ${sumTree(["shared_sums"], THREADS, across)}
      if (lix < ${across}u && inside) {
        sums[(wid.z * groups.y + wid.y) * numbers.columns + column] = shared_sums[lix];
      }`,
  }));
}

/** The sum of a joint's slices of {@link jointSums}, of some column. */
export const JOINT_SUM = `
  fn joint_sum(joint: u32, o: u32) -> f32 {
    var at = joint * numbers.parts * numbers.outer + o;
    var sum = 0.0;
    for (var part = 0u; part < numbers.parts; part++) {
      sum += sums[at];
      at += numbers.outer;
    }
    return sum;
  }`;
