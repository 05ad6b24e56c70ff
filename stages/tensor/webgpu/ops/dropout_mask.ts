/**
 * Masks of dropout on the `webgpu` backend: four numbers a thread, from two blocks of the generator.
 * Bytes moved, by number of the mask: 4 written.
 *
 * @module
 */
import type { Tensor } from "@tensorflow/tfjs-core";
import type { StreamKey } from "../../../random.ts";
import { gpuBackend } from "../gpu_backend.ts";
import { flatGroups, flatIndex, kernelOf } from "../kernel_code.ts";
import { lines } from "../row_slices.ts";
import { THREEFRY } from "../threefry.ts";

const THREADS = 256;

/** The 24-bit number that a kept element's is at least, and what it is multiplied by. */
export function dropoutThreshold(p: number): { threshold: number; factor: number } {
  return { threshold: Math.ceil(p * 2 ** 24), factor: 1 / (1 - p) };
}

/** See the definition. */
export function dropoutMask(key: StreamKey, shape: readonly number[], p: number): Tensor {
  const mask = gpuBackend().empty(shape);
  const { threshold, factor } = dropoutThreshold(p);
  const kernel = kernelOf("dropout mask", () => ({
    bindings: [{ name: "mask", write: true }],
    numbers: ["size: u32", "key0: u32", "key1: u32", "threshold: u32", "factor: f32"],
    workgroup: [THREADS],
    declarations: THREEFRY,
    main: `${flatIndex(THREADS)}
      let key = vec2<u32>(numbers.key0, numbers.key1);
      let words = vec4<u32>(threefry(key, vec2<u32>(2u * index, 0u)),
        threefry(key, vec2<u32>(2u * index + 1u, 0u)));
      let drawn = select(vec4<f32>(0.0), vec4<f32>(numbers.factor),
        (words >> vec4<u32>(8u)) >= vec4<u32>(numbers.threshold));
      let at = 4u * index;
      ${lines(4, (i) => `if (at + ${i}u < numbers.size) { mask[at + ${i}u] = drawn[${i}]; }`)}`,
  }));
  gpuBackend().run(kernel, {
    tensors: [mask],
    groups: flatGroups(Math.ceil(mask.size / 4), THREADS),
    numbers: [mask.size, key[0], key[1], threshold, factor],
  });
  return mask;
}
