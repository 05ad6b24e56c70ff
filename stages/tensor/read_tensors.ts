/**
 * Reading tensors back.
 *
 * @module
 */
import type { Tensor } from "@tensorflow/tfjs-core";
import { fused } from "./fused.ts";

/**
 * The numbers of some tensors of float32, all at once: where each readback waits for the device, there is
 * one for all.
 *
 * @returns By tensor; not to be written to.
 */
export async function readTensors(tensors: readonly Tensor[]): Promise<Float32Array[]> {
  const own = fused().readTensors;
  if (own !== undefined) return await own(tensors);
  return await Promise.all(tensors.map((tensor) => tensor.data<"float32">()));
}
