/**
 * Pre-training whose device is destroyed once its first checkpoint is saved, in its first attempt.
 *
 * @module
 */
import type { StageContext } from "../../../pipeline/stage.ts";
import type { PretrainParams } from "../../../stages/pretrain/definition.ts";
import { pretrain } from "../../../stages/pretrain/pretrain.ts";
import { gpuBackend } from "../../../stages/tensor/webgpu/gpu_backend.ts";
import { webgpuStage } from "../../../stages/tensor/webgpu_stage.ts";

export default webgpuStage(async (ctx: StageContext<PretrainParams>) => {
  const first = ctx.resume() === undefined;
  const checkpoint: StageContext["checkpoint"] = async (write) => {
    await ctx.checkpoint(write);
    if (first) gpuBackend().device.destroy();
  };
  await pretrain(Object.create(ctx, { checkpoint: { value: checkpoint } }));
});
