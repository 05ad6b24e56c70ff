/**
 * The end of a block: y = max(mask BN(h) + r, 0), where r is nothing, a tensor, or a normalised one.
 * A backend that does it in one pass needs neither the mask nor the normalised tensors in memory.
 *
 * @module
 */
import type { Tensor } from "@tensorflow/tfjs-core";
import type { StreamKey } from "../../random.ts";
import { fused } from "../fused.ts";
import type { Tape } from "../tape.ts";
import { reluSum } from "./activation.ts";
import {
  batchNorm,
  batchNormEval,
  type BatchNormWeights,
  type BatchStatistics,
} from "./batch_norm.ts";
import { dropoutMask } from "./dropout_mask.ts";

/** A tensor on its way into a normalisation. */
export interface Unnormalised<T extends Tensor> {
  /** (..., C). */
  readonly x: T;
  readonly weights: BatchNormWeights;
}

/** What is added before the last ReLU: nothing, a tensor, or one that is normalised first. */
export type Residual<T extends Tensor> = null | T | Unnormalised<T>;

/** Where a mask comes from: a stream's key, and the probability of dropping an element. */
export interface MaskSource {
  readonly key: StreamKey;
  /** In [0, 1). */
  readonly p: number;
}

/** Whether a residual is normalised first. */
export function isUnnormalised<T extends Tensor>(
  residual: Residual<T>,
): residual is Unnormalised<T> {
  return residual !== null && "weights" in residual;
}

/**
 * Training: with the batch's own statistics.
 *
 * @param h What is normalised, masked and added to.
 * @param mask Of BN(h), or null for no dropout.
 * @returns y, and the statistics of h and then of the residual, if that is normalised.
 */
export function blockEnd<T extends Tensor>(
  tape: Tape,
  h: Unnormalised<T>,
  residual: Residual<T>,
  mask: MaskSource | null,
): { y: T; statistics: BatchStatistics[] } {
  const own = fused().blockEnd;
  if (own !== undefined) return own(tape, h, residual, mask);
  const first = batchNorm(tape, h.x, h.weights);
  const statistics = [first.statistics];
  let r: T | null = null;
  if (isUnnormalised(residual)) {
    const second = batchNorm(tape, residual.x, residual.weights);
    statistics.push(second.statistics);
    r = second.y;
  } else {
    r = residual;
  }
  const kept = mask === null ? null : dropoutMask(mask.key, h.x.shape, mask.p);
  return { y: reluSum(tape, first.y, r, kept), statistics };
}

/** A tensor with the running statistics that it is normalised with. */
export interface UnnormalisedEval<T extends Tensor> extends Unnormalised<T> {
  readonly running: BatchStatistics;
}

/** Evaluation: with running statistics and without dropout; no gradient. */
export function blockEndEval<T extends Tensor>(
  tape: Tape,
  h: UnnormalisedEval<T>,
  residual: null | T | UnnormalisedEval<T>,
): T {
  const own = fused().blockEndEval;
  if (own !== undefined) return own(tape, h, residual);
  const y = batchNormEval(h.x, h.weights, h.running);
  const r = residual !== null && "running" in residual
    ? batchNormEval(residual.x, residual.weights, residual.running)
    : residual;
  return reluSum(tape, y, r, null);
}
