/**
 * Updates in place on the `webgpu` backend: one pass over flat buffers whose parts begin at multiples of
 * what devices bind at, so that each part is a view and nothing is copied.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import type { SgdOptions } from "../../ops/sgd.ts";
import { gpuBackend, VIEW_ALIGNMENT } from "../gpu_backend.ts";
import { flatGroups, flatIndex, kernelOf } from "../kernel_code.ts";
import { partGroups } from "../part_groups.ts";

const THREADS = 256;

/** Most parts of a call, where the device binds so many: their places must fit into its numbers. */
const MOST_PARTS = 24;

/** See {@link InPlace}. */
export const alignment = VIEW_ALIGNMENT;

/** See {@link InPlace}. */
export function place(values: Float32Array): Tensor1D {
  return tf.tensor1d(values);
}

/** See {@link InPlace}. */
export function view(flat: Tensor1D, at: number, shape: readonly number[]): Tensor {
  return gpuBackend().view(flat, at, shape);
}

/** See {@link InPlace}. */
export function assign(to: Tensor, from: Tensor, at = 0): void {
  if (at + from.size > to.size) {
    throw new RangeError(`${from.size} numbers from ${at} on do not fit ${to.size}`);
  }
  overParts("assign", [to], [from], [at], "target0[i] = value;");
}

/** See {@link InPlace}. */
export function gather(to: Tensor, parts: readonly Tensor[], at: number): void {
  const places: number[] = [];
  let next = at;
  for (const { size } of parts) {
    places.push(next);
    next += size;
  }
  if (next > to.size) throw new RangeError(`numbers up to ${next} do not fit ${to.size}`);
  overParts("assign", [to], parts, places, "target0[i] = value;");
}

/** See {@link InPlace}. */
export function sgd(
  p: Tensor1D,
  gradients: readonly Tensor[],
  buffer: Tensor1D,
  { lr, momentum, weightDecay }: SgdOptions,
): void {
  overParts(
    "sgd",
    [p, buffer],
    gradients,
    partsOf(p, gradients),
    `let decayed = value + numbers.decay * target0[i];
     let next = numbers.momentum * target1[i] + decayed;
     target1[i] = next;
     target0[i] = target0[i] - numbers.lr * next;`,
    { lr, momentum, decay: weightDecay },
  );
}

/** See {@link InPlace}. */
export function ema(average: Tensor1D, values: readonly Tensor[], m: number): void {
  overParts(
    "ema",
    [average],
    values,
    partsOf(average, values),
    "target0[i] = numbers.old * target0[i] + numbers.share * value;",
    { old: m, share: 1 - m },
  );
}

/** See {@link InPlace}. */
export function enqueue(queue: Tensor2D, keys: Tensor2D, from: number): void {
  assign(queue, keys, from * queue.shape[1]);
}

/** Where the parts of a flat tensor begin. */
function partsOf(flat: Tensor1D, parts: readonly Tensor[]): number[] {
  const places: number[] = [];
  let at = 0;
  for (const { size } of parts) {
    places.push(at);
    at += Math.ceil(size / VIEW_ALIGNMENT) * VIEW_ALIGNMENT;
  }
  if (at !== flat.size) throw new Error(`expected ${flat.size} numbers, found ${at}`);
  return places;
}

/**
 * Does something for every number of some parts, where they lie in flat tensors of one size. Parts of like
 * sizes go together, as many in a call as the device binds.
 *
 * @param body Statements on `value`, a part's number, and `target0`, `target1` ... at `i`.
 * @param choices Numbers that the statements read.
 */
function overParts(
  name: string,
  targets: readonly Tensor[],
  parts: readonly Tensor[],
  places: readonly number[],
  body: string,
  choices: Readonly<Record<string, number>> = {},
): void {
  const backend = gpuBackend();
  const bindable = backend.device.limits.maxStorageBuffersPerShaderStage - targets.length;
  const most = Math.min(MOST_PARTS, bindable);
  for (const group of partGroups(parts.map(({ size }) => size), most)) {
    const count = group.length;
    const kernel = kernelOf(`${name} of ${count}`, () => ({
      bindings: [
        ...targets.map((_, t) => ({ name: `target${t}`, write: true })),
        ...group.map((_, p) => ({ name: `part${p}` })),
      ],
      numbers: [
        ...Object.keys(choices).map((choice) => `${choice}: f32`),
        ...group.flatMap((_, p) => [`at${p}: u32`, `size${p}: u32`]),
      ],
      workgroup: [THREADS],
      main: `${flatIndex(THREADS)}
        var i = 0u; var value = 0.0; var inside = false;
        switch (wid.z) {
          ${
        group.map((_, p) =>
          `${p === count - 1 ? "default" : `case ${p}u`}: {
            inside = index < numbers.size${p};
            i = numbers.at${p} + index;
            if (inside) { value = part${p}[index]; }
          }`
        ).join("\n")
      }
        }
        if (inside) { ${body} }`,
    }));
    const [x, y] = flatGroups(parts[group[0]!]!.size, THREADS);
    backend.run(kernel, {
      tensors: [...targets, ...group.map((part) => parts[part]!)],
      groups: [x, y, count],
      numbers: [
        ...Object.values(choices),
        ...group.flatMap((part) => [places[part]!, parts[part]!.size]),
      ],
    });
  }
}
