/**
 * Layer normalisation on the `simd` backend: one pass each way; the normalised rows are not kept, but
 * computed again.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor1D } from "@tensorflow/tfjs-core";
import { LAYER_NORM_EPSILON } from "../../ops/layer_norm.ts";
import type { Tape } from "../../tape.ts";
import { Float } from "../kernel_pool.ts";
import { simdBackend } from "../simd_backend.ts";
import { slicesOf } from "./slices.ts";

/** Numbers of a sum that `addParts` takes at once. */
const SUMS = 4096;

/** See the definition. */
export function layerNorm<T extends Tensor>(
  tape: Tape,
  x: T,
  weight: Tensor1D,
  bias: Tensor1D,
): T {
  const size = weight.size;
  const { rows, length, count } = slicesOf(x.size / size, size);
  return tape.record([x, weight, bias], (save) => {
    const backend = simdBackend();
    const y = backend.empty<T>(x.shape);
    const moments = save(backend.empty([rows, 2]));
    backend.pool.run("layerNorm", count, [
      ...[x, y, weight, bias, moments].map((tensor) => backend.pointer(tensor)),
      rows,
      size,
      length,
      new Float(LAYER_NORM_EPSILON),
    ]);
    const [xs, gamma] = [save(x), save(weight)];
    return [y, (dy, needs) => {
      const backend = simdBackend();
      const dx = needs[0] ? backend.empty(x.shape) : null;
      const parts = backend.empty([count, 2, size]);
      backend.pool.run("layerNormGradient", count, [
        ...[xs, dy, gamma, moments].map((tensor) => backend.pointer(tensor)),
        dx === null ? 0 : backend.pointer(dx),
        backend.pointer(parts),
        rows,
        size,
        length,
      ]);
      const sums = backend.empty([2, size]);
      const pointers = [backend.pointer(parts), backend.pointer(sums)];
      backend.pool.run("addParts", Math.ceil(2 * size / SUMS), [...pointers, 2 * size, count]);
      const row = (i: number) => tf.reshape(tf.slice(sums, [i, 0], [1, size]), [size]);
      return [dx, row(0), row(1)];
    }];
  });
}
