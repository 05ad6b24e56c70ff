/**
 * tfjs's own operations that the `simd` backend has kernels for; the others are the copied ones of `cpu`.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { KernelConfig } from "@tensorflow/tfjs-core";
import { batchMatMul } from "./batch_mat_mul.ts";
import { add, addN, concat, multiply, sub, transpose } from "./elementwise_kernels.ts";

/** By name: what makes a kernel, given the one of `cpu` for what it does not do. */
const GENERIC: Readonly<Record<string, (fallback: KernelConfig) => KernelConfig>> = {
  [tf.Add]: add,
  [tf.AddN]: addN,
  [tf.BatchMatMul]: batchMatMul,
  [tf.Concat]: concat,
  [tf.Multiply]: multiply,
  [tf.Sub]: sub,
  [tf.Transpose]: transpose,
};

/** Registers the kernels in place of the copied ones. */
export function registerGenericKernels(): void {
  for (const [name, make] of Object.entries(GENERIC)) {
    const fallback = tf.getKernel(name, "cpu");
    tf.unregisterKernel(name, "simd");
    tf.registerKernel(make(fallback));
  }
}
