/**
 * The `supervised` stage on the `webgpu` backend.
 *
 * @module
 */
import { onWebgpu } from "../finetune/on_webgpu.ts";
import { supervised } from "./supervised.ts";

export default onWebgpu(supervised);
