/**
 * What a pre-training step asks of the device, in a few numbers.
 *
 * @module
 */
import { gpuBackend } from "../../tensor/webgpu/gpu_backend.ts";
import type { Training } from "../training.ts";
import { allCalls, countCalls, type CountOptions } from "./call_counts.ts";

/** Of one step. */
export interface StepCounts {
  /** Calls of kernels. */
  readonly calls: number;
  /** Bytes of the tensors that they were given. */
  readonly bytes: number;
  /** Copies of memory into memory. */
  readonly copies: number;
  /** Bytes copied. */
  readonly copied: number;
  /** Buffers that the CPU wrote. */
  readonly uploads: number;
  /** Times that work was handed to the device. */
  readonly submissions: number;
}

/** Counts a step. */
export function stepCounts(training: Training, options?: CountOptions): StepCounts {
  const counts = countCalls(gpuBackend(), () => training.begin(), options);
  const { copies, uploads, submissions } = counts;
  return {
    ...allCalls(counts),
    copies: copies.calls,
    copied: copies.bytes,
    uploads: uploads.calls,
    submissions,
  };
}
