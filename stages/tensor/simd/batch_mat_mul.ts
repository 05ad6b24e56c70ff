/**
 * tfjs's own matrix product, so that whatever has no operation of its own multiplies fast too.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { KernelConfig, Tensor } from "@tensorflow/tfjs-core";
import type { SimdBackend } from "./simd_backend.ts";
import { multiply } from "./matrix_product.ts";

/**
 * `BatchMatMul` of the `simd` backend: `(..., M, K)` times `(..., K, N)`, each plain or transposed,
 * leading axes broadcast. Other types than float32, and nothing to multiply, are left to `fallback`.
 */
export function batchMatMul(fallback: KernelConfig): KernelConfig {
  return {
    kernelName: tf.BatchMatMul,
    backendName: "simd",
    kernelFunc: (call) => {
      const a = call.inputs.a as Tensor, b = call.inputs.b as Tensor;
      const turnA = call.attrs?.transposeA === true, turnB = call.attrs?.transposeB === true;
      const [M, K] = lastTwo(a.shape, turnA);
      const [inner, N] = lastTwo(b.shape, turnB);
      const [ofA, ofB] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
      const [countA, countB] = [size(ofA), size(ofB)];
      const shape = tf.broadcast_util.assertAndGetBroadcastShape(ofA, ofB);
      const count = size(shape);
      const plain = a.dtype === "float32" && b.dtype === "float32" && K === inner &&
        [1, count].includes(countA) && [1, count].includes(countB) && M * N * K * count > 0;
      if (!plain) return fallback.kernelFunc(call);
      const backend = call.backend as SimdBackend;
      const c = backend.empty([...shape, M, N]);
      multiply(backend.pool, {
        a: backend.pointer(a),
        b: backend.pointer(b),
        c: backend.pointer(c),
        sizes: [M, N, K],
        turnA,
        turnB,
        count,
        strideA: countA === 1 ? 0 : M * K,
        strideB: countB === 1 ? 0 : K * N,
      });
      return c;
    },
  };
}

/** Rows and columns of a matrix as it is multiplied. */
function lastTwo(shape: readonly number[], turned: boolean): [number, number] {
  const [rows, columns] = shape.slice(-2) as [number, number];
  return turned ? [columns, rows] : [rows, columns];
}

function size(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}
