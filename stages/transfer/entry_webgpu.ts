/**
 * The `transfer` stage on the `webgpu` backend.
 *
 * @module
 */
import { fineTuningKernels } from "../encode/encoder_kernels.ts";
import { webgpuStage } from "../tensor/webgpu_stage.ts";
import { transfer } from "./transfer.ts";

export default webgpuStage(transfer, fineTuningKernels);
