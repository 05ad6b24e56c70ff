/**
 * Stages on the `webgpu` backend: what each of them does before its work and after it.
 *
 * @module
 */
import type { StageContext, StageMain } from "../../pipeline/stage.ts";
import { adapterOfClass } from "./adapter_name.ts";
import { startWebgpu } from "./webgpu_backend.ts";
import { gpuBackend } from "./webgpu/gpu_backend.ts";
import { selfTest } from "./webgpu/self_test/self_test.ts";
import type { SelfTestNeeds } from "./webgpu/self_test/self_test_cases.ts";
import { useSuppliedTiles } from "./webgpu/tile_file.ts";

/** Which kernels a stage uses, once it knows its inputs. */
export type KernelNeeds = (ctx: StageContext) => SelfTestNeeds | Promise<SelfTestNeeds>;

/**
 * An entry that starts the backend and tests its kernels, then runs a stage; what the device does wrong
 * meanwhile is the stage's failure, whatever error came of it first.
 *
 * @param needs Left out where no number that a kernel gives is in the result.
 */
export function webgpuStage(run: StageMain, needs?: KernelNeeds): StageMain {
  return async (ctx: StageContext) => {
    const { allowSoftware, deviceClass: planned } = ctx;
    const { device, reduced } = await startWebgpu({ allowSoftware, planned });
    ctx.log("info", `computes on ${device}`);
    if (reduced !== undefined) ctx.log("warn", reduced);
    await useSuppliedTiles(ctx);
    const { watch } = gpuBackend();
    if (needs !== undefined) {
      const driver = planned === undefined ? undefined : adapterOfClass(planned)?.driver;
      const { tensors, kernels, sizes } = await watch.outcome(selfTest(await needs(ctx), driver));
      ctx.log(
        "info",
        `self-test: ${kernels.size} kernels gave ${tensors} tensors right, at width ${sizes.width}`,
      );
    }
    await watch.outcome(run(ctx));
  };
}
