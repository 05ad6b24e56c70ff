/**
 * Stages that train a classifier, on the `webgpu` backend.
 *
 * @module
 */
import type { StageMain } from "../../pipeline/stage.ts";
import { startWebgpu } from "../tensor/webgpu_backend.ts";

/** An entry that starts the backend, then runs the stage. */
export function onWebgpu(run: StageMain): StageMain {
  return async (ctx) => {
    const { device } = await startWebgpu({ allowSoftware: ctx.allowSoftware });
    ctx.log("info", `computes on ${device}`);
    await run(ctx);
  };
}
