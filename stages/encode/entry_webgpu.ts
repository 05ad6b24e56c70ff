/**
 * The `encode` stage on the `webgpu` backend.
 *
 * @module
 */
import { webgpuStage } from "../tensor/webgpu_stage.ts";
import { encode } from "./encode.ts";
import { encoderKernels } from "./encoder_kernels.ts";

export default webgpuStage(encode, (ctx) => encoderKernels(ctx, ["eval"]));
