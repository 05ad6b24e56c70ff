/**
 * The `semi_supervised` stage on the `webgpu` backend.
 *
 * @module
 */
import { onWebgpu } from "../finetune/on_webgpu.ts";
import { semiSupervised } from "./semi_supervised.ts";

export default onWebgpu(semiSupervised);
