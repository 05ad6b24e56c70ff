/**
 * The end of a block on the `webgpu` backend: one pass forward, two backward, which take a normalised
 * residual along. The mask is drawn on the way; of it and of the ReLU two bits a number are kept, since
 * drawing it again would cost more time than reading them.
 *
 * Bytes moved in training, by number of y (a residual that is normalised in brackets): forward 4 [8] read
 * for moments that nobody gave, 12 to write y (8 without a residual); backward 8 [12] read for the sums,
 * 16 [20] for the gradients of h and of the residual.
 *
 * @module
 */
import type { Tensor } from "@tensorflow/tfjs-core";
import type { BatchStatistics } from "../../ops/batch_norm.ts";
import {
  isUnnormalised,
  type MaskSource,
  type Residual,
  type Unnormalised,
  type UnnormalisedEval,
} from "../../ops/block_end.ts";
import type { Backward, Tape } from "../../tape.ts";
import { gradientSums, inputGradients } from "../norm_gradient.ts";
import type { NormFlow } from "../norm_gradient_kernels.ts";
import { normalisationOf, runningNormalisation } from "../normalisation.ts";
import { emptyBits, normalisedRows } from "../normalised_rows.ts";
import { dropoutThreshold } from "./dropout_mask.ts";

/** See the definition. */
export function blockEnd<T extends Tensor>(
  tape: Tape,
  h: Unnormalised<T>,
  residual: Residual<T>,
  source: MaskSource | null,
): { y: T; statistics: BatchStatistics[] } {
  const second = isUnnormalised(residual) ? residual : null;
  const r = second?.x ?? residual as T | null;
  const mask = source !== null && source.p > 0 ? source : null;
  const statistics: BatchStatistics[] = [];
  const inputs: Tensor[] = [h.x, h.weights.weight, h.weights.bias];
  if (r !== null) inputs.push(r);
  if (second !== null) inputs.push(second.weights.weight, second.weights.bias);
  const tracks = tape.tracks(inputs);
  const y = tape.record(inputs, (save) => {
    const first = normalisationOf(h.x, h.weights);
    const other = second === null ? null : normalisationOf(second.x, second.weights);
    for (const found of [first, other]) if (found !== null) statistics.push(found.statistics);
    const found = tracks ? emptyBits(h.x, h.weights.weight.size, mask !== null) : null;
    const others = other?.coefficients ?? null;
    const y = normalisedRows(h.x, first.coefficients, {
      rectified: true,
      r,
      others,
      mask,
      bits: found,
    });
    const beside = statistics.flatMap(({ mean, variance }) => [mean, variance]);
    if (found === null) return [y, () => [], ...beside];
    const bits = save(found);
    const [x, coefficients] = [save(h.x), save(first.coefficients)];
    const also = others === null ? undefined : { x: save(r!), coefficients: save(others) };
    const factor = mask === null ? 0 : dropoutThreshold(mask.p).factor;
    const backward: Backward = (dy, needs) => {
      const flow: NormFlow = { x, coefficients, dy, gate: "bits", bits, factor, beside: also };
      const sums = gradientSums(flow);
      const through = also === undefined && needs[3] === true;
      const slopes = sums.map(({ slopes }) => slopes);
      const wanted = needs[0] || needs[3];
      const [dh = null, dr = null] = wanted ? inputGradients(flow, slopes, through) : [];
      const [own, more] = sums;
      const first = [dh, own!.dWeight, own!.dBias];
      if (more !== undefined) return [...first, dr, more.dWeight, more.dBias];
      return r === null ? first : [...first, dr];
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
    const y = normalisedRows(h.x, runningNormalisation(h.weights, h.running), {
      rectified: true,
      r: second?.x ?? residual as T | null,
      others: second === null ? null : runningNormalisation(second.weights, second.running),
    });
    return [y, () => []];
  });
}
