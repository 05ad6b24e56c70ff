/**
 * The `supervised` stage on the `webgpu` backend.
 *
 * @module
 */
import { webgpuStage } from "../tensor/webgpu_stage.ts";
import type { SupervisedParams } from "./definition.ts";
import { supervised } from "./supervised.ts";

export default webgpuStage(supervised, (ctx) => {
  const { width, hidden_dim } = ctx.params as SupervisedParams;
  return { parts: ["train", "eval", "classifier"], sizes: { width, hidden_dim } };
});
