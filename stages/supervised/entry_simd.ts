/**
 * The `supervised` stage on the `simd` backend.
 *
 * @module
 */
import { onSimd } from "../finetune/on_simd.ts";
import { supervised } from "./supervised.ts";

export default onSimd(supervised);
