/**
 * The end of a block on the `simd` backend: one pass forward, two backward. The mask is drawn on the
 * way; what backward needs of it and of the ReLU is kept as two bits a number.
 *
 * @module
 */
import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import type { BatchStatistics } from "../../ops/batch_norm.ts";
import {
  isUnnormalised,
  type MaskSource,
  type Residual,
  type Unnormalised,
  type UnnormalisedEval,
} from "../../ops/block_end.ts";
import type { Backward, Tape } from "../../tape.ts";
import { Float } from "../kernel_pool.ts";
import { simdBackend } from "../simd_backend.ts";
import {
  gradientSums,
  inputGradient,
  type Moments,
  normalisationOf,
  runningNormalisation,
} from "./batch_norm.ts";
import { slicesOf } from "./slices.ts";

/** A tensor on its way into a normalisation, with its moments where they are known already. */
export interface UnnormalisedMoments<T extends Tensor> extends Unnormalised<T> {
  readonly moments?: Moments | undefined;
}

/** The 24-bit number that a kept element's is at least, and what it is multiplied by. */
export function dropoutThreshold(p: number): { threshold: number; factor: number } {
  return { threshold: Math.ceil(p * 2 ** 24), factor: 1 / (1 - p) };
}

/** A tensor with room for one bit for each number of another. */
export function emptyBits(numbers: number): Tensor {
  return simdBackend().empty([Math.ceil(numbers / 32)]);
}

/** See the definition; `moments` beside x save a pass over it. */
export function blockEnd<T extends Tensor>(
  tape: Tape,
  h: UnnormalisedMoments<T>,
  residual: Residual<T> | UnnormalisedMoments<T>,
  mask: MaskSource | null,
): { y: T; statistics: BatchStatistics[] } {
  const second = isUnnormalised(residual) ? residual as UnnormalisedMoments<T> : null;
  const r = second?.x ?? residual as T | null;
  const statistics: BatchStatistics[] = [];
  const inputs: Tensor[] = [h.x, h.weights.weight, h.weights.bias];
  if (r !== null) inputs.push(r);
  if (second !== null) inputs.push(second.weights.weight, second.weights.bias);
  const tracks = tape.tracks(inputs);
  const y = tape.record(inputs, (save) => {
    const first = normalisationOf(h.x, h.weights, h.moments);
    statistics.push(first.statistics);
    const other = second === null
      ? null
      : normalisationOf(second.x, second.weights, second.moments);
    if (other !== null) statistics.push(other.statistics);
    const gate = tracks ? emptyBits(h.x.size) : null;
    const kept = tracks && mask !== null && mask.p > 0 ? emptyBits(h.x.size) : null;
    const y = endOfBlock(h.x, first.coefficients, r, other?.coefficients ?? null, {
      mask,
      gate,
      kept,
    });
    const beside = statistics.flatMap(({ mean, variance }) => [mean, variance]);
    if (gate === null) return [y, () => [], ...beside];
    const open = save(gate);
    const both = kept === null ? open : save(kept);
    const [hs, ks] = [save(h.x), save(first.coefficients)];
    const [rs, ls] = other === null ? [null, null] : [save(r!), save(other.coefficients)];
    const factor = new Float(kept === null ? 1 : dropoutThreshold(mask!.p).factor);
    const backward: Backward = (dy, needs) => {
      const backend = simdBackend();
      const pointers = [backend.pointer(open), backend.pointer(both), factor] as const;
      const dr = needs.slice(3).includes(true) ? backend.empty(h.x.shape) : null;
      const { dWeight, dBias, slopes } = gradientSums("blockEndSums", hs, dy, ks, [
        ...pointers,
        dr === null ? 0 : backend.pointer(dr),
      ]);
      const dh = needs[0]
        ? inputGradient("blockEndGradient", hs, dy, ks, slopes, pointers.slice(1))
        : null;
      if (rs === null || ls === null || dr === null) return [dh, dWeight, dBias, dr];
      const beyond = gradientSums("normaliseSums", rs, dr, ls);
      const dx = inputGradient("normaliseGradient", rs, dr, ls, beyond.slopes);
      return [dh, dWeight, dBias, dx, beyond.dWeight, beyond.dBias];
    };
    return [y, backward, ...beside];
  });
  return { y, statistics };
}

/** See the definition. */
export function blockEndEval<T extends Tensor>(
  tape: Tape,
  h: UnnormalisedEval<T>,
  residual: null | T | UnnormalisedEval<T>,
): T {
  return tape.record([], () => {
    const second = residual !== null && "running" in residual ? residual : null;
    const y = endOfBlock(
      h.x,
      runningNormalisation(h.weights, h.running),
      second?.x ?? residual as T | null,
      second === null ? null : runningNormalisation(second.weights, second.running),
      { mask: null, gate: null, kept: null },
    );
    return [y, () => []];
  });
}

interface Bits {
  readonly mask: MaskSource | null;
  /** Takes which numbers of y are above 0. */
  readonly gate: Tensor | null;
  /** Takes which of these were kept. */
  readonly kept: Tensor | null;
}

/** max(mask (h normalised) + (r normalised if it has coefficients), 0). */
function endOfBlock<T extends Tensor>(
  h: T,
  coefficients: Tensor2D,
  r: T | null,
  others: Tensor2D | null,
  { mask, gate, kept }: Bits,
): T {
  const backend = simdBackend();
  const slices = slicesOf(h.size / coefficients.shape[1], coefficients.shape[1]);
  const y = backend.empty<T>(h.shape);
  const { threshold, factor } = dropoutThreshold(mask?.p ?? 0);
  const pointer = (tensor: Tensor | null) => tensor === null ? 0 : backend.pointer(tensor);
  const kernel = r === null ? "blockEnd" : others === null ? "blockEndSum" : "blockEndSumOfTwo";
  backend.pool.run(kernel, slices.count, [
    pointer(h),
    pointer(coefficients),
    pointer(r),
    pointer(others),
    pointer(y),
    slices.rows,
    slices.columns,
    slices.length,
    mask?.key[0] ?? 0,
    mask?.key[1] ?? 0,
    threshold,
    new Float(factor),
    pointer(gate),
    pointer(kept),
  ]);
  return y;
}
