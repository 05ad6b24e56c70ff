/**
 * The `finetune` stage on the `webgpu` backend.
 *
 * @module
 */
import { fineTuningKernels } from "../encode/encoder_kernels.ts";
import { webgpuStage } from "../tensor/webgpu_stage.ts";
import { finetune } from "./finetune.ts";

export default webgpuStage(finetune, fineTuningKernels);
