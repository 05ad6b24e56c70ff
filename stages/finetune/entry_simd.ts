/**
 * The `finetune` stage on the `simd` backend.
 *
 * @module
 */
import { onSimd } from "./on_simd.ts";
import { finetune } from "./finetune.ts";

export default onSimd(finetune);
