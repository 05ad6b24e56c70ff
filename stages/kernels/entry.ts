/**
 * What the `kernels` stage does when it runs.
 *
 * @module
 */
import type { StageMain } from "../../pipeline/stage.ts";
import { compileKernels } from "../tensor/simd/compile_kernels.ts";
import { KERNEL_SOURCES } from "../tensor/simd/kernel_sources.ts";
import type { KernelsParams } from "./definition.ts";

/** Compiles all kernels. */
const main: StageMain<KernelsParams> = async (ctx) => {
  const code = await compileKernels(KERNEL_SOURCES, ctx.params);
  await Deno.writeFile(`${ctx.output("kernels")}/kernels.wasm`, code);
  ctx.metric("bytes", code.length);
};

export default main;
