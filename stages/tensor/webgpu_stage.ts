/**
 * Stages on the `webgpu` backend: what each of them does before its work and after it.
 *
 * @module
 */
import type { StageContext, StageMain } from "../../pipeline/stage.ts";
import { startWebgpu } from "./webgpu_backend.ts";
import { gpuBackend } from "./webgpu/gpu_backend.ts";
import { useSuppliedTiles } from "./webgpu/tile_file.ts";

/**
 * An entry that starts the backend, then runs a stage; what the device does wrong meanwhile is the
 * stage's failure, whatever error came of it first.
 */
export function webgpuStage(run: StageMain): StageMain {
  return async (ctx: StageContext) => {
    const { allowSoftware, deviceClass: planned } = ctx;
    const { device, reduced } = await startWebgpu({ allowSoftware, planned });
    ctx.log("info", `computes on ${device}`);
    if (reduced !== undefined) ctx.log("warn", reduced);
    await useSuppliedTiles(ctx);
    await gpuBackend().watch.outcome(run(ctx));
  };
}
