/**
 * Pre-training on the `webgpu` backend without its self-test, which has tests of its own.
 *
 * @module
 */
import { pretrain } from "../../../stages/pretrain/pretrain.ts";
import { webgpuStage } from "../../../stages/tensor/webgpu_stage.ts";

export default webgpuStage(pretrain);
