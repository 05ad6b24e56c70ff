/**
 * Readback on the `webgpu` backend.
 *
 * @module
 */
import type { Tensor } from "@tensorflow/tfjs-core";
import { gpuBackend } from "../gpu_backend.ts";

/** See the definition. */
export function readTensors(tensors: readonly Tensor[]): Promise<Float32Array[]> {
  return gpuBackend().readAll(tensors);
}
