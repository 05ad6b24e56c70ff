/**
 * The `supervised` stage on the `webgpu` backend.
 *
 * @module
 */
import { webgpuStage } from "../tensor/webgpu_stage.ts";
import { supervised } from "./supervised.ts";

export default webgpuStage(supervised);
