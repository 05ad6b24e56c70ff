/**
 * Operations that the backend in use does in its own way. The operations under `ops/` say what each must
 * give; where the backend has one of its own, they hand over to it.
 *
 * Types alone are imported here, so that a stage on another backend has no kernel in its code.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { attention } from "./ops/attention.ts";
import type {
  batchNorm,
  batchNormEval,
  batchNormRelu,
  batchNormReluEval,
} from "./ops/batch_norm.ts";
import type { blockEnd, blockEndEval } from "./ops/block_end.ts";
import type { crossEntropy } from "./ops/cross_entropy.ts";
import type { dropoutMask } from "./ops/dropout_mask.ts";
import type { ema } from "./ops/ema.ts";
import type { graphConv } from "./ops/graph_conv.ts";
import type { enqueue, infoNce, normalizeRows } from "./ops/info_nce.ts";
import type { layerNorm } from "./ops/layer_norm.ts";
import type { linear } from "./ops/linear.ts";
import type { maskPool, poolTokens, scaledSigmoid, tokensOf } from "./ops/pool.ts";
import type { relu, reluSum } from "./ops/activation.ts";
import type { sgd } from "./ops/sgd.ts";
import type { temporalConv } from "./ops/temporal_conv.ts";
import type { augmentViews, swapParts, toStream } from "./augment_ops.ts";

/** Every operation that a backend may have of its own, with its definition's signature. */
export interface FusedOps {
  readonly attention: typeof attention;
  readonly augmentViews: typeof augmentViews;
  readonly batchNorm: typeof batchNorm;
  readonly batchNormEval: typeof batchNormEval;
  readonly batchNormRelu: typeof batchNormRelu;
  readonly batchNormReluEval: typeof batchNormReluEval;
  readonly blockEnd: typeof blockEnd;
  readonly blockEndEval: typeof blockEndEval;
  readonly crossEntropy: typeof crossEntropy;
  readonly dropoutMask: typeof dropoutMask;
  readonly ema: typeof ema;
  readonly enqueue: typeof enqueue;
  readonly graphConv: typeof graphConv;
  readonly infoNce: typeof infoNce;
  readonly layerNorm: typeof layerNorm;
  readonly linear: typeof linear;
  readonly maskPool: typeof maskPool;
  readonly normalizeRows: typeof normalizeRows;
  readonly poolTokens: typeof poolTokens;
  readonly relu: typeof relu;
  readonly reluSum: typeof reluSum;
  readonly scaledSigmoid: typeof scaledSigmoid;
  readonly sgd: typeof sgd;
  readonly swapParts: typeof swapParts;
  readonly temporalConv: typeof temporalConv;
  readonly toStream: typeof toStream;
  readonly tokensOf: typeof tokensOf;
}

const byBackend = new Map<string, Partial<FusedOps>>();
const NONE: Partial<FusedOps> = {};

/** Says which operations a backend has of its own. */
export function setFused(backend: string, ops: Partial<FusedOps>): void {
  byBackend.set(backend, ops);
}

/** Those of the backend in use. */
export function fused(): Partial<FusedOps> {
  return byBackend.get(tf.getBackend()) ?? NONE;
}
