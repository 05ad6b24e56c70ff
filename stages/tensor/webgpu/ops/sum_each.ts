/**
 * Sums of tensors on the `webgpu` backend, many in a call.
 *
 * @module
 */
import type { Tensor } from "@tensorflow/tfjs-core";
import { gpuBackend } from "../gpu_backend.ts";
import { flatGroups, flatIndex, kernelOf } from "../kernel_code.ts";
import { partGroups } from "../part_groups.ts";

const THREADS = 256;

/** Tensors that a call binds at most, where the device binds so many. */
const MOST_BINDINGS = 32;

/** See the definition. */
export function sumEach(lists: readonly (readonly Tensor[])[]): Tensor[] {
  const backend = gpuBackend();
  const { maxStorageBuffersPerShaderStage } = backend.device.limits;
  const bindable = Math.min(MOST_BINDINGS, maxStorageBuffersPerShaderStage);
  const sums = lists.map(([first]) => backend.empty(first!.shape));
  for (const terms of new Set(lists.map(({ length }) => length))) {
    if (terms + 1 > bindable) throw new RangeError(`${terms} terms are more than a call can take`);
    const most = Math.floor(bindable / (terms + 1));
    const sizes = sums.map(({ size }, i) => lists[i]!.length === terms ? size : 0);
    for (const chosen of partGroups(sizes, most)) {
      const wide = chosen.every((i) => sums[i]!.size % 4 === 0) ? 4 : 1;
      const [x, y] = flatGroups(sums[chosen[0]!]!.size / wide, THREADS);
      backend.run(sumsKernel(chosen.length, terms, wide), {
        tensors: chosen.flatMap((i) => [...lists[i]!, sums[i]!]),
        groups: [x, y, chosen.length],
        numbers: chosen.map((i) => sums[i]!.size / wide),
      });
    }
  }
  return sums;
}

/** @param wide Numbers that a thread adds up at once. */
function sumsKernel(count: number, terms: number, wide: 1 | 4) {
  const type = wide === 4 ? "vec4<f32>" : "f32";
  const sums = [...Array(count).keys()];
  const within = [...Array(terms).keys()];
  return kernelOf(`${count} sums of ${terms} by ${wide}`, () => ({
    bindings: sums.flatMap((i) => [
      ...within.map((t) => ({ name: `x${i}_${t}`, type })),
      { name: `y${i}`, type, write: true },
    ]),
    numbers: sums.map((i) => `size${i}: u32`),
    workgroup: [THREADS],
    main: `${flatIndex(THREADS)}
      switch (wid.z) {
        ${
      sums.map((i) =>
        `${i === count - 1 ? "default" : `case ${i}u`}: {
          if (index < numbers.size${i}) {
            y${i}[index] = ${within.map((t) => `x${i}_${t}[index]`).join(" + ")};
          }
        }`
      ).join("\n")
    }
      }`,
  }));
}
