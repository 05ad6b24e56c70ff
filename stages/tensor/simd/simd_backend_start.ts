/**
 * Starting the `simd` backend.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import type { StartedBackend } from "../backend.ts";
import { setFused } from "../fused.ts";
import { registerGenericKernels } from "./generic_kernels.ts";
import { KernelPool } from "./kernel_pool.ts";
import { SimdBackend } from "./simd_backend.ts";
import { SIMD_OPS } from "./simd_ops.ts";

export { simdBackend } from "./simd_backend.ts";

/** How the backend starts. */
export interface SimdOptions {
  /** The compiled kernels. */
  readonly code: Uint8Array<ArrayBuffer>;
  /** Threads that compute (default: the machine's cores). */
  readonly threads?: number | undefined;
  /** Whether tiles are wide, which changes no bits (default: where that is faster). */
  readonly wide?: boolean;
}

/** Makes the `simd` backend compute whatever follows; one that ran before is ended. */
export async function startSimdBackend(
  { code, threads, wide }: SimdOptions,
): Promise<SimdBackend> {
  tf.enableProdMode();
  const pool = await KernelPool.start(code, {
    ...(threads === undefined ? {} : { threads }),
    ...(wide === undefined ? {} : { wide }),
  });
  const backend = new SimdBackend(pool);
  if (tf.findBackend("simd") !== null) {
    await tf.setBackend("cpu");
    tf.removeBackend("simd");
  } else {
    tf.copyRegisteredKernels("cpu", "simd");
    registerGenericKernels();
    setFused("simd", SIMD_OPS);
  }
  tf.registerBackend("simd", () => backend);
  await tf.setBackend("simd");
  return backend;
}

/** {@link startSimdBackend}, as every backend is started. */
export async function startSimd(options: SimdOptions): Promise<StartedBackend> {
  const { pool } = await startSimdBackend(options);
  const threads = `${pool.threads} ${pool.threads === 1 ? "thread" : "threads"}`;
  return { name: "simd", device: `simd (${threads})`, software: false };
}
