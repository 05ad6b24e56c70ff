/**
 * Starting a backend, by name. Stage entries import `cpu_backend.ts` or `webgpu_backend.ts` alone,
 * so that a change in one leaves results of the other cached; verbs, tests and benchmarks, which
 * choose at run time, import this.
 *
 * @module
 */

/** Backends that the model runs on. */
export type BackendName = "cpu" | "simd" | "webgpu";

/** Choices when a backend starts. */
export interface BackendOptions {
  /** Whether a software WebGPU adapter will do. */
  readonly allowSoftware?: boolean;
  /** Whether `webgpu` does without kernels of ours: the peer of benchmarks. */
  readonly stock?: boolean;
  /** The class of device that the work was planned for: `webgpu` refuses to compute on another. */
  readonly planned?: string | undefined;
  /** Threads that the `simd` backend computes on (default: the machine's cores). */
  readonly threads?: number | undefined;
}

/** A started backend. */
export interface StartedBackend {
  readonly name: BackendName;
  /** What computes, in words, such as "cpu" or "llvmpipe (LLVM 15.0.6, 256 bits)". */
  readonly device: string;
  /** Whether it is a software adapter. */
  readonly software: boolean;
  /** That a WebGPU adapter refused what it offers, and what it gave instead. */
  readonly reduced?: string;
}

/**
 * Starts a backend by name, loading that one alone.
 *
 * @throws {Error} If the machine does not have it; the message says what to do.
 */
export async function startBackend(
  name: BackendName,
  options: BackendOptions = {},
): Promise<StartedBackend> {
  if (name === "cpu") return await (await import("./cpu_backend.ts")).startCpu();
  if (name === "simd") {
    const { compiledKernels } = await import("./simd/compile_kernels.ts");
    const { startSimd } = await import("./simd/simd_backend_start.ts");
    return await startSimd({ code: await compiledKernels(), threads: options.threads });
  }
  return await (await import("./webgpu_backend.ts")).startWebgpu(options);
}
