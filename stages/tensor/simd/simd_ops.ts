/**
 * The operations that the `simd` backend does in its own way, gathered.
 *
 * @module
 */
import type { FusedOps } from "../fused.ts";
import { attention } from "./ops/attention.ts";
import { batchNorm, batchNormEval, batchNormRelu, batchNormReluEval } from "./ops/batch_norm.ts";
import { blockEnd, blockEndEval } from "./ops/block_end.ts";
import { linear } from "./ops/linear.ts";

/** By name; what is missing here runs as its definition, through the copied kernels of `cpu`. */
export const SIMD_OPS: Partial<FusedOps> = {
  attention,
  batchNorm,
  batchNormEval,
  batchNormRelu,
  batchNormReluEval,
  blockEnd,
  blockEndEval,
  linear,
};
