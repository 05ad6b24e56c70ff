/**
 * The `pretrain` stage on the `webgpu` backend.
 *
 * @module
 */
import { webgpuStage } from "../tensor/webgpu_stage.ts";
import type { PretrainParams } from "./definition.ts";
import { pretrain } from "./pretrain.ts";

export default webgpuStage(pretrain, (ctx) => {
  const params = ctx.params as PretrainParams;
  const monitors = params.knn.every > 0 || params.mask.clips > 0;
  return { parts: ["train", "contrast", ...(monitors ? ["eval"] as const : [])], sizes: params };
});
