/**
 * Waits on the `webgpu` backend.
 *
 * @module
 */
import { gpuBackend } from "../gpu_backend.ts";

/** See the definition. */
export function deviceWaits(): number {
  return gpuBackend().waitedMs;
}
