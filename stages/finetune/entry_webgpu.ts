/**
 * The `finetune` stage on the `webgpu` backend.
 *
 * @module
 */
import { onWebgpu } from "./on_webgpu.ts";
import { finetune } from "./finetune.ts";

export default onWebgpu(finetune);
