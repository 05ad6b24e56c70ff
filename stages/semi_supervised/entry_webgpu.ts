/**
 * The `semi_supervised` stage on the `webgpu` backend.
 *
 * @module
 */
import { webgpuStage } from "../tensor/webgpu_stage.ts";
import { semiSupervised } from "./semi_supervised.ts";

export default webgpuStage(semiSupervised);
