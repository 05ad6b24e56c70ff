/**
 * How coordinates are laid out on the `webgpu` backend. These kernels move three numbers of each joint, a
 * few hundredths of what one convolution moves: threads write neighbouring numbers, and that is all.
 *
 * @module
 */
import type { Tensor, Tensor2D, Tensor4D, Tensor5D } from "@tensorflow/tfjs-core";
import type { Tape } from "../../tape.ts";
import { gpuBackend } from "../gpu_backend.ts";
import { flatGroups, flatIndex, kernelOf } from "../kernel_code.ts";

const THREADS = 256;

/** See the definition. */
export function frameRows(clips: Tensor5D): Tensor2D {
  const [n, channels, frames, joints, bodies] = clips.shape;
  const y = gpuBackend().empty<Tensor2D>([frames * n * bodies, joints * channels]);
  const kernel = kernelOf("frame rows", () => ({
    bindings: [{ name: "x" }, { name: "y", write: true }],
    numbers: ["size: u32", "N: u32", "C: u32", "T: u32", "V: u32", "M: u32"],
    workgroup: [THREADS],
    main: `${flatIndex(THREADS)}
      if (index < numbers.size) {
        let joint = index / numbers.C;
        let c = index - joint * numbers.C;
        let body = joint / numbers.V;
        let v = joint - body * numbers.V;
        let clip = body / numbers.M;
        let m = body - clip * numbers.M;
        let t = clip / numbers.N;
        let n = clip - t * numbers.N;
        let frame = (n * numbers.C + c) * numbers.T + t;
        y[index] = x[(frame * numbers.V + v) * numbers.M + m];
      }`,
  }));
  gpuBackend().run(kernel, {
    tensors: [clips, y],
    groups: flatGroups(y.size, THREADS),
    numbers: [y.size, n, channels, frames, joints, bodies],
  });
  return y;
}

/** See the definition. */
export function jointRows(
  tape: Tape,
  x: Tensor2D,
  [joints, frames, bodies, channels]: readonly [number, number, number, number],
): Tensor4D {
  const rows = frames * bodies;
  return tape.record([x], () => {
    const y = swapped<Tensor4D>(x, [joints, frames, bodies, channels], rows, joints, channels);
    return [y, (dy) => [swapped(dy, x.shape, joints, rows, channels)]];
  });
}

/** (a, b, c) -> (b, a, c), in a tensor of some shape. */
function swapped<T extends Tensor>(
  x: Tensor,
  shape: readonly number[],
  a: number,
  b: number,
  c: number,
): T {
  const y = gpuBackend().empty<T>(shape);
  const kernel = kernelOf("swapped rows", () => ({
    bindings: [{ name: "x" }, { name: "y", write: true }],
    numbers: ["size: u32", "a: u32", "b: u32", "c: u32"],
    workgroup: [THREADS],
    main: `${flatIndex(THREADS)}
      if (index < numbers.size) {
        let row = index / numbers.c;
        let i = row / numbers.a;
        let j = row - i * numbers.a;
        y[index] = x[(j * numbers.b + i) * numbers.c + index - row * numbers.c];
      }`,
  }));
  gpuBackend().run(kernel, {
    tensors: [x, y],
    groups: flatGroups(y.size, THREADS),
    numbers: [y.size, a, b, c],
  });
  return y;
}
