/**
 * Means over the bodies of a clip on the `webgpu` backend: some thousand numbers, a thread each.
 *
 * @module
 */
import type { Tensor2D } from "@tensorflow/tfjs-core";
import type { Tape } from "../../tape.ts";
import { gpuBackend } from "../gpu_backend.ts";
import { flatGroups, flatIndex, kernelOf } from "../kernel_code.ts";

const THREADS = 64;

/** See the definition. */
export function meanOfBodies(tape: Tape, x: Tensor2D, bodies: number): Tensor2D {
  const [rows, size] = x.shape;
  if (bodies === 1) return x;
  const clips = rows / bodies;
  const groups = flatGroups(clips * size, THREADS);
  const numbers = [clips * size, size, bodies, 1 / bodies];
  const shared = {
    numbers: ["size: u32", "columns: u32", "bodies: u32", "share: f32"],
    workgroup: [THREADS] as const,
  };
  const where = `${flatIndex(THREADS)}
    let clip = index / numbers.columns;
    let first = clip * numbers.bodies * numbers.columns + (index - clip * numbers.columns);`;
  return tape.record([x], () => {
    const y = gpuBackend().empty<Tensor2D>([clips, size]);
    const forward = kernelOf("mean of bodies", () => ({
      ...shared,
      bindings: [{ name: "x" }, { name: "y", write: true }],
      main: `${where}
        if (index < numbers.size) {
          var sum = x[first];
          for (var body = 1u; body < numbers.bodies; body++) {
            sum += x[first + body * numbers.columns];
          }
          y[index] = sum * numbers.share;
        }`,
    }));
    gpuBackend().run(forward, { tensors: [x, y], groups, numbers });
    return [y, (dy) => {
      const dx = gpuBackend().empty([rows, size]);
      const backward = kernelOf("mean of bodies gradient", () => ({
        ...shared,
        bindings: [{ name: "dy" }, { name: "dx", write: true }],
        main: `${where}
          if (index < numbers.size) {
            let flow = dy[index] * numbers.share;
            for (var body = 0u; body < numbers.bodies; body++) {
              dx[first + body * numbers.columns] = flow;
            }
          }`,
      }));
      gpuBackend().run(backward, { tensors: [dy, dx], groups, numbers });
      return [dx];
    }];
  });
}
