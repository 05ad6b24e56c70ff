/**
 * The `pretrain` stage on the `webgpu` backend.
 *
 * @module
 */
import { webgpuStage } from "../tensor/webgpu_stage.ts";
import { pretrain } from "./pretrain.ts";

export default webgpuStage(pretrain);
