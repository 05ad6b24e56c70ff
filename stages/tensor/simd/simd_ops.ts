/**
 * The operations that the `simd` backend does in its own way, gathered.
 *
 * @module
 */
import type { FusedOps } from "../fused.ts";
import { relu, reluSum } from "./ops/activation.ts";
import { attention } from "./ops/attention.ts";
import { augmentViews, swapParts, toStream } from "./ops/augment.ts";
import { batchNorm, batchNormEval, batchNormRelu, batchNormReluEval } from "./ops/batch_norm.ts";
import { blockEnd, blockEndEval } from "./ops/block_end.ts";
import { crossEntropy } from "./ops/cross_entropy.ts";
import { dropoutMask } from "./ops/dropout_mask.ts";
import { graphConv } from "./ops/graph_conv.ts";
import { infoNce } from "./ops/info_nce.ts";
import { layerNorm } from "./ops/layer_norm.ts";
import { linear } from "./ops/linear.ts";
import { normalizeRows } from "./ops/normalize_rows.ts";
import { maskPool, meanOfBodies, poolTokens, scaledSigmoid, tokensOf } from "./ops/pool.ts";
import { temporalConv } from "./ops/temporal_conv.ts";
import * as inPlace from "./ops/update.ts";

/** By name; what is missing here runs as its definition, through the copied kernels of `cpu`. */
export const SIMD_OPS: Partial<FusedOps> = {
  attention,
  augmentViews,
  batchNorm,
  batchNormEval,
  batchNormRelu,
  batchNormReluEval,
  blockEnd,
  blockEndEval,
  crossEntropy,
  dropoutMask,
  graphConv,
  infoNce,
  inPlace,
  layerNorm,
  linear,
  maskPool,
  meanOfBodies,
  normalizeRows,
  poolTokens,
  relu,
  reluSum,
  scaledSigmoid,
  swapParts,
  temporalConv,
  tokensOf,
  toStream,
};
