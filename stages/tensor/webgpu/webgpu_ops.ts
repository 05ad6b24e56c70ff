/**
 * The operations that the `webgpu` backend does in its own way, gathered.
 *
 * @module
 */
import type { FusedOps } from "../fused.ts";
import * as inPlace from "./ops/update.ts";
import { readTensors } from "./ops/read_tensors.ts";
import { relu, reluSum } from "./ops/activation.ts";
import { attention } from "./ops/attention.ts";
import { augmentViews, swapParts, toStream } from "./ops/augment.ts";
import { batchNorm, batchNormEval, batchNormRelu, batchNormReluEval } from "./ops/batch_norm.ts";
import { blockEnd, blockEndEval } from "./ops/block_end.ts";
import { bodyRows } from "./ops/body_rows.ts";
import { clipGradients } from "./ops/clip_gradients.ts";
import { crossEntropy } from "./ops/cross_entropy.ts";
import { deviceWaits } from "./ops/device_waits.ts";
import { drawnViews } from "./ops/drawn_views.ts";
import { dropoutMask } from "./ops/dropout_mask.ts";
import { frozenBlockEnd, frozenNorm, frozenNormRelu } from "./ops/frozen_norm.ts";
import { freeMemory } from "./ops/free_memory.ts";
import { graphConv } from "./ops/graph_conv.ts";
import { layerNorm } from "./ops/layer_norm.ts";
import { frameRows, jointRows } from "./ops/joint_rows.ts";
import { linear } from "./ops/linear.ts";
import { infoNce } from "./ops/info_nce.ts";
import { meanOfBodies } from "./ops/mean_of_bodies.ts";
import { normalizeRows } from "./ops/normalize_rows.ts";
import { maskPool, poolTokens, scaledSigmoid, tokensOf } from "./ops/pool.ts";
import { sumEach } from "./ops/sum_each.ts";
import { rowOf } from "./ops/row_of.ts";
import { temporalConv } from "./ops/temporal_conv.ts";
import { totalLoss } from "./ops/total_loss.ts";

/** By name; what is missing here runs as its definition, through the library's kernels. */
export const WEBGPU_OPS: Partial<FusedOps> = {
  attention,
  augmentViews,
  batchNorm,
  batchNormEval,
  batchNormRelu,
  batchNormReluEval,
  blockEnd,
  blockEndEval,
  bodyRows,
  clipGradients,
  crossEntropy,
  deviceWaits,
  drawnViews,
  dropoutMask,
  freeMemory,
  frameRows,
  frozenBlockEnd,
  frozenNorm,
  frozenNormRelu,
  graphConv,
  infoNce,
  inPlace,
  jointRows,
  layerNorm,
  linear,
  maskPool,
  meanOfBodies,
  normalizeRows,
  poolTokens,
  readTensors,
  relu,
  reluSum,
  rowOf,
  scaledSigmoid,
  sumEach,
  swapParts,
  temporalConv,
  tokensOf,
  totalLoss,
  toStream,
};
