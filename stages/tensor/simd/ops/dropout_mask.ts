/**
 * Masks of dropout on the `simd` backend: sixteen numbers at a time.
 *
 * @module
 */
import type { Tensor } from "@tensorflow/tfjs-core";
import type { StreamKey } from "../../../random.ts";
import { Float } from "../kernel_pool.ts";
import { simdBackend } from "../simd_backend.ts";
import { dropoutThreshold } from "./block_end.ts";
import { piecesOf } from "./slices.ts";

/** See the definition. */
export function dropoutMask(key: StreamKey, shape: readonly number[], p: number): Tensor {
  const backend = simdBackend();
  const mask = backend.empty(shape);
  const { threshold, factor } = dropoutThreshold(p);
  backend.pool.run("dropoutMask", piecesOf(mask.size), [
    backend.pointer(mask),
    mask.size,
    key[0],
    key[1],
    threshold,
    new Float(factor),
  ]);
  return mask;
}
