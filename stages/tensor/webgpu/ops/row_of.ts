/**
 * One row of a stack on the `webgpu` backend.
 *
 * @module
 */
import type { Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";
import type { Tape } from "../../tape.ts";
import { gpuBackend } from "../gpu_backend.ts";
import { flatGroups, flatIndex, kernelOf } from "../kernel_code.ts";

const THREADS = 256;

/** See the definition. */
export function rowOf(tape: Tape, x: Tensor3D, i: number): Tensor2D {
  const [, rows, size] = x.shape;
  return tape.record([x], () => {
    const y = gpuBackend().empty<Tensor2D>([rows, size]);
    const forward = kernelOf("row of a stack", () => ({
      bindings: [{ name: "x" }, { name: "y", write: true }],
      numbers: ["size: u32", "first: u32"],
      workgroup: [THREADS],
      main: `${flatIndex(THREADS)}
        if (index < numbers.size) { y[index] = x[numbers.first + index]; }`,
    }));
    gpuBackend().run(forward, {
      tensors: [x, y],
      groups: flatGroups(y.size, THREADS),
      numbers: [y.size, i * y.size],
    });
    const { shape } = x;
    return [y, (dy) => {
      const dx = gpuBackend().empty<Tensor3D>(shape);
      const backward = kernelOf("row of a stack, gradient", () => ({
        bindings: [{ name: "dy" }, { name: "dx", write: true }],
        numbers: ["size: u32", "first: u32", "all: u32"],
        workgroup: [THREADS],
        main: `${flatIndex(THREADS)}
          if (index < numbers.all) {
            let at = index - numbers.first;
            let inside = index >= numbers.first && at < numbers.size;
            dx[index] = select(0.0, dy[select(0u, at, inside)], inside);
          }`,
      }));
      gpuBackend().run(backward, {
        tensors: [dy, dx],
        groups: flatGroups(dx.size, THREADS),
        numbers: [dy.size, i * dy.size, dx.size],
      });
      return [dx];
    }];
  });
}
