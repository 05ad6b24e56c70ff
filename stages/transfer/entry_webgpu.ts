/**
 * The `transfer` stage on the `webgpu` backend.
 *
 * @module
 */
import { onWebgpu } from "../finetune/on_webgpu.ts";
import { transfer } from "./transfer.ts";

export default onWebgpu(transfer);
