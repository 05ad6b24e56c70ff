/**
 * Operations that the backend in use does in its own way. The operations under `ops/` say what each must
 * give; where the backend has one of its own, they hand over to it.
 *
 * Types alone are imported here, so that a stage on another backend has no kernel in its code.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import type { attention } from "./ops/attention.ts";
import type {
  batchNorm,
  batchNormEval,
  batchNormRelu,
  batchNormReluEval,
} from "./ops/batch_norm.ts";
import type { blockEnd, blockEndEval } from "./ops/block_end.ts";
import type { bodyRows } from "./ops/body_rows.ts";
import type { clipGradients } from "./ops/clip_gradients.ts";
import type { crossEntropy } from "./ops/cross_entropy.ts";
import type { dropoutMask } from "./ops/dropout_mask.ts";
import type { frozenBlockEnd, frozenNorm, frozenNormRelu } from "./ops/frozen_norm.ts";
import type { graphConv } from "./ops/graph_conv.ts";
import type { infoNce, normalizeRows } from "./ops/info_nce.ts";
import type { layerNorm } from "./ops/layer_norm.ts";
import type { linear, meanOfBodies } from "./ops/linear.ts";
import type { frameRows, jointRows } from "./ops/joint_rows.ts";
import type { maskPool, poolTokens, rowOf, scaledSigmoid, tokensOf } from "./ops/pool.ts";
import type { relu, reluSum } from "./ops/activation.ts";
import type { SgdOptions } from "./ops/sgd.ts";
import type { totalLoss } from "./ops/total_loss.ts";
import type { temporalConv } from "./ops/temporal_conv.ts";
import type { augmentViews, swapParts, toStream } from "./augment_ops.ts";
import type { deviceWaits } from "./device_waits.ts";
import type { drawnViews } from "./drawn_views.ts";
import type { freeMemory } from "./free_memory.ts";
import type { readTensors } from "./read_tensors.ts";
import type { SumEach } from "./tape.ts";

/**
 * What a backend may do to tensors where they lie, so that views of them stay and nothing is copied. The
 * pure operations in `ops/` of the same names say what values must come out, to the bit.
 */
export interface InPlace {
  /** What parts of a flat tensor begin at a multiple of, in numbers, zeros between them (default: 1). */
  readonly alignment?: number;
  /** A piece of a flat tensor that changes with it (default: what a slice is). */
  view?(flat: Tensor1D, at: number, shape: readonly number[]): Tensor;
  /** Gives a tensor the numbers of others, one after the other, from its number `at` on. */
  gather?(to: Tensor, parts: readonly Tensor[], at: number): void;
  /** A new flat tensor, of which contiguous slices are views. */
  place(values: Float32Array): Tensor1D;
  /** Gives a tensor the numbers of another, from its number `at` on. */
  assign(to: Tensor, from: Tensor, at?: number): void;
  /** A step of p and its momentum buffer; the gradients are those of consecutive parts of p. */
  sgd(p: Tensor1D, gradients: readonly Tensor[], buffer: Tensor1D, options: SgdOptions): void;
  /** Moves an average towards values, which are those of its consecutive parts. */
  ema(average: Tensor1D, values: readonly Tensor[], m: number): void;
  /** Overwrites rows of a queue from row `from` on. */
  enqueue(queue: Tensor2D, keys: Tensor2D, from: number): void;
}

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
  readonly bodyRows: typeof bodyRows;
  readonly clipGradients: typeof clipGradients;
  readonly crossEntropy: typeof crossEntropy;
  readonly deviceWaits: typeof deviceWaits;
  readonly drawnViews: typeof drawnViews;
  readonly dropoutMask: typeof dropoutMask;
  readonly freeMemory: typeof freeMemory;
  readonly frameRows: typeof frameRows;
  readonly frozenBlockEnd: typeof frozenBlockEnd;
  readonly frozenNorm: typeof frozenNorm;
  readonly frozenNormRelu: typeof frozenNormRelu;
  readonly graphConv: typeof graphConv;
  readonly infoNce: typeof infoNce;
  readonly inPlace: InPlace;
  readonly jointRows: typeof jointRows;
  readonly layerNorm: typeof layerNorm;
  readonly linear: typeof linear;
  readonly maskPool: typeof maskPool;
  readonly meanOfBodies: typeof meanOfBodies;
  readonly normalizeRows: typeof normalizeRows;
  readonly poolTokens: typeof poolTokens;
  readonly readTensors: typeof readTensors;
  readonly relu: typeof relu;
  readonly reluSum: typeof reluSum;
  readonly rowOf: typeof rowOf;
  readonly scaledSigmoid: typeof scaledSigmoid;
  readonly sumEach: SumEach;
  readonly swapParts: typeof swapParts;
  readonly temporalConv: typeof temporalConv;
  readonly toStream: typeof toStream;
  readonly tokensOf: typeof tokensOf;
  readonly totalLoss: typeof totalLoss;
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
