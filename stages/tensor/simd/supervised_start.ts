/**
 * Starting the `simd` backend for training with labels, which has some operations more than
 * pre-training.
 *
 * @module
 */
import type { StartedBackend } from "../backend.ts";
import { setFused } from "../fused.ts";
import { clipGradients } from "./ops/clip_gradients.ts";
import { frozenBlockEnd, frozenNorm, frozenNormRelu } from "./ops/frozen_norm.ts";
import { type SimdOptions, startSimd } from "./simd_backend_start.ts";
import { SIMD_OPS } from "./simd_ops.ts";

/** Adds the operations of a classifier's step to a `simd` backend that was started. */
export function addSupervisedOps(): void {
  setFused("simd", { ...SIMD_OPS, clipGradients, frozenBlockEnd, frozenNorm, frozenNormRelu });
}

/** `startSimd`, with the operations of a classifier's step. */
export async function startSupervisedSimd(options: SimdOptions): Promise<StartedBackend> {
  const started = await startSimd(options);
  addSupervisedOps();
  return started;
}
