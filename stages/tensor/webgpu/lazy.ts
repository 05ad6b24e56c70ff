/**
 * Normalisation on load: what a batch normalisation with a ReLU gives stays unwritten until somebody wants
 * its numbers. A product that can normalise while it loads reads what was normalised instead, which
 * saves writing and reading the result (8 bytes a number forward), reading it again backward, and its
 * memory. Anybody else finds it written when he asks: see {@link GpuBackend.deferred}.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import { gpuBackend } from "./gpu_backend.ts";
import { normalisedRows } from "./normalised_rows.ts";

/** A tensor y = max((x - mean) scale + offset, 0) that is not written yet. */
export interface Deferred {
  /** Of y's shape (..., C). */
  readonly x: Tensor;
  /** (4, C): mean, inverse deviation, scale, offset. */
  readonly coefficients: Tensor2D;
}

const waiting = new WeakMap<Tensor["dataId"], Deferred>();

/** y = max((x - mean) scale + offset, 0), to be written when somebody wants it. */
export function rectifiedLater<T extends Tensor>(x: T, coefficients: Tensor2D): T {
  const [source, k] = [x, coefficients].map((tensor) => tf.keep(tf.clone(tensor)));
  const own: Deferred = { x: source!, coefficients: k as Tensor2D };
  const y: T = gpuBackend().deferred<T>(
    x.shape,
    (y) => void normalisedRows(own.x, own.coefficients, { rectified: true }, y),
    () => {
      waiting.delete(y.dataId);
      tf.dispose([own.x, own.coefficients]);
    },
  );
  waiting.set(y.dataId, own);
  return y;
}

/**
 * What y is to be computed from, if it is not written yet: a kernel that reads these, through
 * {@link rectifiedOnLoad}, spares y from being written.
 *
 * @param y The tensor itself, or another of the same memory.
 */
export function deferred(y: Tensor): Deferred | undefined {
  return waiting.get(y.dataId);
}

/**
 * The WGSL function `rectified(value, c)` of a kernel that loads a deferred tensor: `value` of x and its
 * channel `c` give the number of y. The coefficients are bound as `k`.
 *
 * @param wide Whether it takes four numbers in a row, with `c` the first one's channel (a multiple of 4)
 * and `k` bound as vectors, rather than one.
 * @param columns WGSL for the number of channels, such as `numbers.C`.
 */
export function rectifiedOnLoad(wide: boolean, columns: string): string {
  const type = wide ? "vec4<f32>" : "f32";
  const row = (i: number) =>
    wide ? `k[(${i}u * ${columns} + c) / 4u]` : `k[${i}u * ${columns} + c]`;
  return `fn rectified(value: ${type}, c: u32) -> ${type} {
    return max(fma(value - ${row(0)}, ${row(2)}, ${row(3)}), ${type}(0.0));
  }`;
}
