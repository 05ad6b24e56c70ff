/**
 * The `semi_supervised` stage on the `simd` backend.
 *
 * @module
 */
import { onSimd } from "../finetune/on_simd.ts";
import { semiSupervised } from "./semi_supervised.ts";

export default onSimd(semiSupervised);
