/**
 * The `semi_supervised` stage on the `webgpu` backend.
 *
 * @module
 */
import { fineTuningKernels } from "../encode/encoder_kernels.ts";
import { webgpuStage } from "../tensor/webgpu_stage.ts";
import { semiSupervised } from "./semi_supervised.ts";

export default webgpuStage(semiSupervised, fineTuningKernels);
