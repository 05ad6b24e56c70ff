/**
 * The mean of some numbers, in one workgroup: for losses and the like, one number for each clip.
 *
 * @module
 */
import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import { gpuBackend } from "./gpu_backend.ts";
import { kernelOf } from "./kernel_code.ts";
import { sumTree } from "./workgroup_tree.ts";

const THREADS = 64;

/**
 * Means of the rows of a matrix (means, count), each a scalar of its own.
 *
 * @param x As many rows as means are asked for.
 * @param count Numbers of a row.
 * @param means One to three.
 */
export function meansOfNumbers(x: Tensor, count: number, means: number): Scalar[] {
  const kernel = kernelOf(`means of numbers ${means}`, () => ({
    bindings: [
      { name: "x" },
      ...Array.from({ length: means }, (_, i) => ({ name: `mean${i}`, write: true })),
    ],
    numbers: ["count: u32", "share: f32"],
    workgroup: [THREADS],
    declarations: `var<workgroup> sums: array<f32, ${THREADS}>;`,
    main: `var sum = 0.0;
      for (var i = lix; i < numbers.count; i += ${THREADS}u) { sum += x[wid.x * numbers.count + i]; }
      sums[lix] = sum;
      ${sumTree(["sums"], THREADS)}
      ${
      Array.from({ length: means }, (_, i) =>
        `if (lix == 0u && wid.x == ${i}u) { mean${i}[0] = sums[0] * numbers.share; }`).join("\n")
    }`,
  }));
  const found = Array.from({ length: means }, () => gpuBackend().empty<Scalar>([]));
  const numbers = [count, 1 / count];
  gpuBackend().run(kernel, { tensors: [x, ...found], groups: [means, 1, 1], numbers });
  return found;
}
