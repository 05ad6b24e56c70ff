/**
 * ReLU on the `webgpu` backend.
 *
 * @module
 */
import type { Tensor } from "@tensorflow/tfjs-core";
import type { Tape } from "../../tape.ts";
import { gpuBackend } from "../gpu_backend.ts";
import { flatGroups, flatIndex, kernelOf } from "../kernel_code.ts";

const THREADS = 256;

/** See the definition. */
export function relu<T extends Tensor>(tape: Tape, x: T): T {
  return tape.record([x], (save) => {
    const y = gpuBackend().empty<T>(x.shape);
    const forward = kernelOf("relu", () => ({
      bindings: [{ name: "x" }, { name: "y", write: true }],
      numbers: ["size: u32"],
      workgroup: [THREADS],
      main: `${flatIndex(THREADS)}
        if (index < numbers.size) { y[index] = max(x[index], 0.0); }`,
    }));
    const groups = flatGroups(x.size, THREADS);
    gpuBackend().run(forward, { tensors: [x, y], groups, numbers: [x.size] });
    const ys = save(y);
    return [ys, (dy) => {
      const dx = gpuBackend().empty<T>(x.shape);
      const backward = kernelOf("relu gradient", () => ({
        bindings: [{ name: "y" }, { name: "dy" }, { name: "dx", write: true }],
        numbers: ["size: u32"],
        workgroup: [THREADS],
        main: `${flatIndex(THREADS)}
          if (index < numbers.size) { dx[index] = select(0.0, dy[index], y[index] > 0.0); }`,
      }));
      gpuBackend().run(backward, { tensors: [ys, dy, dx], groups, numbers: [ys.size] });
      return [dx];
    }];
  });
}
