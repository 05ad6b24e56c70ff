/**
 * Stages that train a classifier, on the `simd` backend.
 *
 * @module
 */
import type { StageMain } from "../../pipeline/stage.ts";
import { startSupervisedSimd } from "../tensor/simd/supervised_start.ts";

/** An entry that starts the backend on the compiled kernels, then runs the stage. */
export function onSimd(run: StageMain): StageMain {
  return async (ctx) => {
    const code = await Deno.readFile(`${ctx.input("kernels")}/kernels.wasm`);
    const { device } = await startSupervisedSimd({ code, threads: ctx.threads });
    ctx.log("info", `computes on ${device}`);
    await run(ctx);
  };
}
