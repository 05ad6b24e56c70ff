/**
 * The `untrained` stage on the `webgpu` backend.
 *
 * @module
 */
import { webgpuStage } from "../tensor/webgpu_stage.ts";
import type { UntrainedParams } from "./definition.ts";
import { untrained } from "./untrained.ts";

export default webgpuStage(untrained, (ctx) => ({
  parts: ["forward"],
  sizes: ctx.params as UntrainedParams,
}));
