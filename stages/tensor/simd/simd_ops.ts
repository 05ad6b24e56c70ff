/**
 * The operations that the `simd` backend does in its own way, gathered.
 *
 * @module
 */
import type { FusedOps } from "../fused.ts";
import { linear } from "./ops/linear.ts";

/** By name; what is missing here runs as its definition, through the copied kernels of `cpu`. */
export const SIMD_OPS: Partial<FusedOps> = {
  linear,
};
