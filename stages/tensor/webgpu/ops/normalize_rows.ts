/**
 * Rows of length 1 on the `webgpu` backend. A workgroup has a row: 0.4 operations a byte.
 *
 * @module
 */
import type { Tensor2D } from "@tensorflow/tfjs-core";
import type { Tape } from "../../tape.ts";
import { gpuBackend } from "../gpu_backend.ts";
import { flatGroups, kernelOf } from "../kernel_code.ts";
import { sumTree } from "../workgroup_tree.ts";

const THREADS = 32;

const SHARED = {
  numbers: ["rows: u32", "columns: u32"],
  workgroup: [THREADS] as const,
  declarations: `var<workgroup> sums: array<f32, ${THREADS}>;`,
};

/** The row of a workgroup; one beyond the last computes the last again and writes nothing. */
const ROW = `let row = wid.y * groups.x + wid.x;
  let base = min(row, numbers.rows - 1u) * numbers.columns;`;

/** The sum over a row of an expression of `at`. */
const sumOf = (value: string) =>
  `var sum = 0.0;
  for (var c = lix; c < numbers.columns; c += ${THREADS}u) { let at = base + c; sum += ${value}; }
  sums[lix] = sum;
  ${sumTree(["sums"], THREADS)}`;

/** A statement for each `at` of the row. */
const each = (statement: string) =>
  `if (row < numbers.rows) {
    for (var c = lix; c < numbers.columns; c += ${THREADS}u) { let at = base + c; ${statement} }
  }`;

/** See the definition. */
export function normalizeRows(tape: Tape, x: Tensor2D): Tensor2D {
  const [rows, columns] = x.shape;
  const groups = flatGroups(rows, 1), numbers = [rows, columns];
  return tape.record([x], (save) => {
    const y = save(gpuBackend().empty<Tensor2D>([rows, columns]));
    const inverse = save(gpuBackend().empty([rows]));
    const forward = kernelOf("normalize rows", () => ({
      ...SHARED,
      bindings: [{ name: "x" }, { name: "y", write: true }, { name: "inverse", write: true }],
      main: `${ROW}
        ${sumOf("x[at] * x[at]")}
        let scale = 1.0 / max(sqrt(sums[0]), 1e-12);
        ${each("y[at] = x[at] * scale;")}
        if (lix == 0u && row < numbers.rows) { inverse[row] = scale; }`,
    }));
    gpuBackend().run(forward, { tensors: [x, y, inverse], groups, numbers });
    return [y, (dy) => {
      const dx = gpuBackend().empty([rows, columns]);
      const backward = kernelOf("normalize rows gradient", () => ({
        ...SHARED,
        bindings: [
          { name: "y" },
          { name: "inverse" },
          { name: "dy" },
          { name: "dx", write: true },
        ],
        main: `${ROW}
          ${sumOf("dy[at] * y[at]")}
          let along = sums[0];
          let scale = inverse[min(row, numbers.rows - 1u)];
          ${each("dx[at] = (dy[at] - y[at] * along) * scale;")}`,
      }));
      gpuBackend().run(backward, { tensors: [y, inverse, dy, dx], groups, numbers });
      return [dx];
    }];
  });
}
