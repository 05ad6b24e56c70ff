/**
 * The sum of a step's losses on the `webgpu` backend.
 *
 * @module
 */
import type { Scalar } from "@tensorflow/tfjs-core";
import { gpuBackend } from "../gpu_backend.ts";
import { kernelOf } from "../kernel_code.ts";

/** See the definition. */
export function totalLoss(z: Scalar, s: Scalar, ns: Scalar, mu: number): Scalar {
  const total = gpuBackend().empty<Scalar>([]);
  const kernel = kernelOf("total loss", () => ({
    bindings: [...["z", "s", "ns"].map((name) => ({ name })), { name: "total", write: true }],
    numbers: ["mu: f32", "rest: f32"],
    workgroup: [1],
    main: "total[0] = z[0] + s[0] * numbers.mu + ns[0] * numbers.rest;",
  }));
  gpuBackend().run(kernel, {
    tensors: [z, s, ns, total],
    groups: [1, 1, 1],
    numbers: [mu, 1 - mu],
  });
  return total;
}
