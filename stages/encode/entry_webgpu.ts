/**
 * The `encode` stage on the `webgpu` backend.
 *
 * @module
 */
import { webgpuStage } from "../tensor/webgpu_stage.ts";
import { encode } from "./encode.ts";

export default webgpuStage(encode);
