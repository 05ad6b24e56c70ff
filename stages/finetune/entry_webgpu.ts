/**
 * The `finetune` stage on the `webgpu` backend.
 *
 * @module
 */
import { webgpuStage } from "../tensor/webgpu_stage.ts";
import { finetune } from "./finetune.ts";

export default webgpuStage(finetune);
