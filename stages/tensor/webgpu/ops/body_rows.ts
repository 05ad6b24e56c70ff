/**
 * Rows of bodies put where their clips have them, on the `webgpu` backend. Backward, each number looks for
 * its places among all of them, in their order: there are some hundred.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import type { Tape } from "../../tape.ts";
import { gpuBackend } from "../gpu_backend.ts";
import { flatGroups, flatIndex, kernelOf } from "../kernel_code.ts";

const THREADS = 64;

const SHARED = {
  numbers: ["size: u32", "columns: u32", "places: u32"],
  workgroup: [THREADS] as const,
};

/** Where a thread's number is: `row` and `column`. */
const WHERE = `${flatIndex(THREADS)}
  let row = index / numbers.columns;
  let column = index - row * numbers.columns;`;

/** See the definition. */
export function bodyRows(tape: Tape, x: Tensor2D, rows: readonly number[]): Tensor2D {
  const [bodies, columns] = x.shape, places = rows.length;
  return tape.record([x], (save) => {
    const taken = save(tf.tensor1d(rows as number[], "int32"));
    const y = gpuBackend().empty<Tensor2D>([places, columns]);
    const forward = kernelOf("rows of bodies", () => ({
      ...SHARED,
      bindings: [{ name: "x" }, { name: "taken", type: "i32" }, { name: "y", write: true }],
      main: `${WHERE}
        if (index < numbers.size) {
          y[index] = x[u32(taken[row]) * numbers.columns + column];
        }`,
    }));
    gpuBackend().run(forward, {
      tensors: [x, taken, y],
      groups: flatGroups(y.size, THREADS),
      numbers: [y.size, columns, places],
    });
    return [y, (dy) => {
      const dx = gpuBackend().empty<Tensor2D>([bodies, columns]);
      const backward = kernelOf("rows of bodies, gradient", () => ({
        ...SHARED,
        bindings: [{ name: "dy" }, { name: "taken", type: "i32" }, { name: "dx", write: true }],
        main: `${WHERE}
          if (index < numbers.size) {
            var sum = 0.0;
            for (var place = 0u; place < numbers.places; place++) {
              if (u32(taken[place]) == row) { sum += dy[place * numbers.columns + column]; }
            }
            dx[index] = sum;
          }`,
      }));
      gpuBackend().run(backward, {
        tensors: [dy, taken, dx],
        groups: flatGroups(dx.size, THREADS),
        numbers: [dx.size, columns, places],
      });
      return [dx];
    }];
  });
}
