/**
 * The `transfer` stage on the `simd` backend.
 *
 * @module
 */
import { onSimd } from "../finetune/on_simd.ts";
import { transfer } from "./transfer.ts";

export default onSimd(transfer);
