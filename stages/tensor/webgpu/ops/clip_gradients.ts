/**
 * Clipping of gradients on the `webgpu` backend: some tensors a call, as many as a device binds at once,
 * in slices of fixed length; one workgroup adds the slices' sums up, and the gradients are scaled where
 * they lie. Nothing is read back. 0.5 operations a byte for the norm, 0.1 for the scaling, which is left
 * out on the device where the norm is small enough.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor } from "@tensorflow/tfjs-core";
import { CLIP_EPSILON } from "../../ops/clip_gradients.ts";
import { gpuBackend } from "../gpu_backend.ts";
import { type Kernel, kernelOf } from "../kernel_code.ts";
import { sumTree } from "../workgroup_tree.ts";

/** Tensors of a call: with one more binding, what every device has. */
const TENSORS = 7;

const THREADS = 256;

/** Numbers that a workgroup takes. */
const SLICE = 16 * THREADS;

/** See the definition. */
export function clipGradients(gradients: readonly Tensor[], limit: number): Tensor[] {
  const own = gradients.map(alone);
  // Tensors of like sizes go together, since the largest of a call decides how many slices it has.
  const sorted = own.filter(({ size }) => size > 0).sort((a, b) => b.size - a.size);
  const calls: Tensor[][] = [];
  for (let i = 0; i < sorted.length; i += TENSORS) calls.push(sorted.slice(i, i + TENSORS));
  const slicesOf = (call: readonly Tensor[]) => Math.ceil(call[0]!.size / SLICE);
  const count = calls.reduce((sum, call) => sum + call.length * slicesOf(call), 0);
  if (count === 0) return own;
  const backend = gpuBackend();
  const [squares, scale] = [backend.empty([count]), backend.empty([1])];
  let at = 0;
  for (const call of calls) {
    const groups = [slicesOf(call), call.length, 1] as const;
    const numbers = [at, ...call.map(({ size }) => size)];
    backend.run(sumsOfSquares(call.length), { tensors: [...call, squares], groups, numbers });
    at += call.length * slicesOf(call);
  }
  backend.run(scaleOf(), { tensors: [squares, scale], groups: [1, 1, 1], numbers: [count, limit] });
  for (const call of calls) {
    const groups = [slicesOf(call), call.length, 1] as const;
    const numbers = call.map(({ size }) => size);
    backend.run(scaled(call.length), { tensors: [...call, scale], groups, numbers });
  }
  tf.dispose([squares, scale]);
  return own;
}

/** A gradient whose memory nobody else has; the given one is freed. */
function alone(gradient: Tensor): Tensor {
  const shared = gpuBackend().refCount(gradient.dataId) > 1;
  const mine = shared ? gpuBackend().empty(gradient.shape) : tf.clone(gradient);
  if (shared) gpuBackend().copy(gradient, mine);
  gradient.dispose();
  return mine;
}

const eachTensor = (count: number, text: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => text(i));

/** Sums of squares of slices (x) of tensors (y). */
function sumsOfSquares(count: number): Kernel {
  const cases = eachTensor(count, (i) =>
    `case ${i}u: {
      let end = min(first + ${SLICE}u, numbers.size${i});
      for (var at = first + lix; at < end; at += ${THREADS}u) { sum += x${i}[at] * x${i}[at]; }
    }`);
  return kernelOf(`sums of squares ${count}`, () => ({
    bindings: [
      ...eachTensor(count, (i) => `x${i}`).map((name) => ({ name })),
      { name: "squares", write: true },
    ],
    numbers: ["to: u32", ...eachTensor(count, (i) => `size${i}: u32`)],
    workgroup: [THREADS],
    declarations: `var<workgroup> sums: array<f32, ${THREADS}>;`,
    main: `let first = wid.x * ${SLICE}u;
      var sum = 0.0;
      switch wid.y { ${cases.join("\n")} default: {} }
      sums[lix] = sum;
      ${sumTree(["sums"], THREADS)}
      if (lix == 0u) { squares[numbers.to + wid.y * groups.x + wid.x] = sums[0]; }`,
  }));
}

/** min(limit / (norm + epsilon), 1); what is no number stays none. */
function scaleOf(): Kernel {
  return kernelOf("scale of gradients", () => ({
    bindings: [{ name: "squares" }, { name: "scale", write: true }],
    numbers: ["count: u32", "limit: f32"],
    workgroup: [THREADS],
    declarations: `var<workgroup> sums: array<f32, ${THREADS}>;`,
    main: `var sum = 0.0;
      for (var at = lix; at < numbers.count; at += ${THREADS}u) { sum += squares[at]; }
      sums[lix] = sum;
      ${sumTree(["sums"], THREADS)}
      if (lix == 0u) {
        let wanted = numbers.limit / (sqrt(sums[0]) + ${CLIP_EPSILON});
        scale[0] = select(wanted, 1.0, wanted >= 1.0);
      }`,
  }));
}

/** Slices (x) of tensors (y), each times the scale where it is not 1. */
function scaled(count: number): Kernel {
  const cases = eachTensor(count, (i) =>
    `case ${i}u: {
      let end = min(first + ${SLICE}u, numbers.size${i});
      for (var at = first + lix; at < end; at += ${THREADS}u) { x${i}[at] = x${i}[at] * factor; }
    }`);
  return kernelOf(`scaled gradients ${count}`, () => ({
    bindings: [
      ...eachTensor(count, (i) => `x${i}`).map((name) => ({ name, write: true })),
      { name: "scale" },
    ],
    numbers: eachTensor(count, (i) => `size${i}: u32`),
    workgroup: [THREADS],
    main: `let first = wid.x * ${SLICE}u;
      let factor = scale[0];
      if (factor != 1.0) { switch wid.y { ${cases.join("\n")} default: {} } }`,
  }));
}
