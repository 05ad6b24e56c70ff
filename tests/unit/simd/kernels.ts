/**
 * The kernels as the tests use them: compiled once for all test files, then kept beside the system's
 * temporary files under the digest of their sources.
 *
 * @module
 */
import { tmpdir } from "node:os";
import { fingerprint } from "../../../pipeline/fingerprint.ts";
import {
  compileKernels,
  type KernelTarget,
  readKernelSources,
} from "../../../stages/tensor/simd/compile_kernels.ts";
import type { SimdBackend } from "../../../stages/tensor/simd/simd_backend.ts";
import { startSimdBackend } from "../../../stages/tensor/simd/simd_backend_start.ts";

/** The compiled kernels. */
export async function kernels(
  target: KernelTarget = { relaxed: true },
): Promise<Uint8Array<ArrayBuffer>> {
  const sources = await readKernelSources();
  const compiler = await Deno.readTextFile(
    new URL("../../../stages/tensor/simd/compile_kernels.ts", import.meta.url),
  );
  const kept = `${tmpdir()}/skelrun-kernels-${
    fingerprint([sources, compiler, { ...target }])
  }.wasm`;
  try {
    return await Deno.readFile(kept);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const code = await compileKernels(sources, target);
  const temporary = `${kept}.${crypto.randomUUID()}`;
  await Deno.writeFile(temporary, code);
  await Deno.rename(temporary, kept);
  return code;
}

/** Starts the `simd` backend on some threads. */
export async function startSimd(threads?: number, target?: KernelTarget): Promise<SimdBackend> {
  return await startSimdBackend({ code: await kernels(target), threads });
}
