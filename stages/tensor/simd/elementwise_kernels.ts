/**
 * tfjs's own sums, differences and products of equal shapes, transposition, and concatenation along the
 * leading axis: what code outside the operations of `ops/` spends most time in.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { KernelConfig, Tensor } from "@tensorflow/tfjs-core";
import { combined } from "./ops/activation.ts";
import { piecesOf } from "./ops/slices.ts";
import { tryPermute } from "./permute.ts";
import type { SimdBackend } from "./simd_backend.ts";

/** Smaller tensors are not worth being moved into the shared memory. */
const WORTHWHILE = 64;

function suits(tensors: readonly Tensor[]): boolean {
  const shape = tensors[0]!.shape.join();
  return tensors[0]!.size >= WORTHWHILE &&
    tensors.every((tensor) => tensor.dtype === "float32" && tensor.shape.join() === shape);
}

/** A kernel of the backend that does what suits it, and leaves the rest to the one of `cpu`. */
function kernel(
  kernelName: string,
  compute: (call: Parameters<KernelConfig["kernelFunc"]>[0]) => Tensor | null,
): (fallback: KernelConfig) => KernelConfig {
  return (fallback) => ({
    kernelName,
    backendName: "simd",
    kernelFunc: (call) => compute(call) ?? fallback.kernelFunc(call),
  });
}

function elementwise(name: string, how: string) {
  return kernel(name, ({ inputs }) => {
    const [a, b] = [inputs.a as Tensor, inputs.b as Tensor];
    return suits([a, b]) ? combined(how, a, b) : null;
  });
}

/** Sum of two tensors of one shape. */
export const add = elementwise(tf.Add, "sumOf");
/** Difference of two tensors of one shape. */
export const sub = elementwise(tf.Sub, "differenceOf");
/** Product of two tensors of one shape. */
export const multiply = elementwise(tf.Multiply, "productOf");

/** Sum of some tensors, from the first to the last. */
export const addN = kernel(tf.AddN, ({ inputs, backend }) => {
  const tensors = inputs as unknown as Tensor[];
  if (tensors.length < 2 || !suits(tensors)) return null;
  const sum = combined("sumOf", tensors[0]!, tensors[1]!);
  const simd = backend as SimdBackend;
  for (const tensor of tensors.slice(2)) {
    const [to, from] = [simd.pointer(sum), simd.pointer(tensor)];
    simd.pool.run("sumOf", piecesOf(sum.size), [to, from, to, sum.size]);
  }
  return sum;
});

/** Axes in another order. */
export const transpose = kernel(tf.Transpose, ({ inputs, attrs }) => {
  const x = inputs.x as Tensor;
  if (x.dtype !== "float32" || x.size < WORTHWHILE) return null;
  return tryPermute(x, x.shape, attrs!.perm as unknown as number[]);
});

/** Tensors one after the other. */
export const concat = kernel(tf.Concat, ({ inputs, attrs, backend }) => {
  const tensors = (inputs as unknown as Tensor[]).filter(({ size }) => size > 0);
  const [first] = tensors;
  const axis = attrs!.axis as number;
  const leading = first !== undefined && (axis === 0 || axis === -first.shape.length);
  if (!leading || tensors.some(({ dtype }) => dtype !== "float32")) return null;
  const rest = first.shape.slice(1);
  if (tensors.some(({ shape }) => shape.slice(1).join() !== rest.join())) return null;
  const rows = tensors.reduce((sum, { shape }) => sum + shape[0]!, 0);
  if (rows * (first.size / first.shape[0]!) < WORTHWHILE) return null;
  const simd = backend as SimdBackend;
  const y = simd.empty([rows, ...rest]);
  const to = simd.pointer(y) / 4;
  let at = to;
  for (const tensor of tensors) {
    const values = simd.data.get(tensor.dataId).values as Float32Array;
    simd.pool.f32.set(values, at);
    at += tensor.size;
  }
  return y;
});
