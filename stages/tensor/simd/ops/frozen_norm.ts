/**
 * Batch normalisation in evaluation mode with a gradient, on the `simd` backend, by the kernels of the
 * other modes; see {@link ../../ops/frozen_norm.ts} for what each gives. The gradient of an input in
 * training is moved by the batch's own statistics; with running ones it is moved by nothing.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import type { BatchNormWeights, BatchStatistics } from "../../ops/batch_norm.ts";
import type { UnnormalisedEval } from "../../ops/block_end.ts";
import { frozenInputs, isFrozen } from "../../ops/frozen_norm.ts";
import type { Tape } from "../../tape.ts";
import { Float } from "../kernel_pool.ts";
import { simdBackend } from "../simd_backend.ts";
import { gradientSums, inputGradient, normalised, runningNormalisation } from "./batch_norm.ts";
import { emptyBits } from "./block_end.ts";
import { slicesOf } from "./slices.ts";

/** See the definition. */
export function frozenNorm<T extends Tensor>(
  tape: Tape,
  x: T,
  weights: BatchNormWeights,
  running: BatchStatistics,
): T {
  return normalisedBack(tape, x, weights, running, "");
}

/** See the definition. */
export function frozenNormRelu<T extends Tensor>(
  tape: Tape,
  x: T,
  weights: BatchNormWeights,
  running: BatchStatistics,
): T {
  return normalisedBack(tape, x, weights, running, "Relu");
}

function normalisedBack<T extends Tensor>(
  tape: Tape,
  x: T,
  weights: BatchNormWeights,
  running: BatchStatistics,
  gate: "" | "Relu",
): T {
  return tape.record(frozenInputs(x, weights), (save) => {
    const coefficients = save(runningNormalisation(weights, running));
    const xs = save(x);
    return [normalised(x, coefficients, gate === "Relu"), (dy, needs) => {
      const own = weightGradients(`normalise${gate}Sums`, xs, dy, coefficients, weights);
      const dx = needs[0]
        ? inputGradient(`normalise${gate}Gradient`, xs, dy, coefficients, unmoved(coefficients))
        : null;
      return [dx, ...own];
    }];
  });
}

/** See the definition. */
export function frozenBlockEnd<T extends Tensor>(
  tape: Tape,
  h: UnnormalisedEval<T>,
  residual: null | T | UnnormalisedEval<T>,
): T {
  const second = isFrozen(residual) ? residual : null;
  const r = second?.x ?? residual as T | null;
  const first = frozenInputs(h.x, h.weights);
  const inputs = second !== null
    ? [...first, ...frozenInputs(second.x, second.weights)]
    : r !== null
    ? [...first, r]
    : first;
  return tape.record(inputs, (save) => {
    const ks = save(runningNormalisation(h.weights, h.running));
    const ls = second === null ? null : save(runningNormalisation(second.weights, second.running));
    const gate = save(emptyBits(h.x.size));
    const y = endOfBlock(h.x, ks, r, ls, gate);
    const hs = save(h.x);
    const rs = second === null ? null : save(second.x);
    return [y, (dy, needs) => {
      const backend = simdBackend();
      const bits = backend.pointer(gate);
      const dr = needs.slice(first.length).includes(true) ? backend.empty(h.x.shape) : null;
      const own = weightGradients("blockEndSums", hs, dy, ks, h.weights, [
        bits,
        bits,
        new Float(1),
        dr === null ? 0 : backend.pointer(dr),
      ]);
      const dh = needs[0]
        ? inputGradient("blockEndGradient", hs, dy, ks, unmoved(ks), [bits, new Float(1)])
        : null;
      if (r === null) return [dh, ...own];
      if (second === null || rs === null || ls === null || dr === null) return [dh, ...own, dr];
      const beyond = weightGradients("normaliseSums", rs, dr, ls, second.weights);
      const dx = needs[first.length]
        ? inputGradient("normaliseGradient", rs, dr, ls, unmoved(ls))
        : null;
      return [dh, ...own, dx, ...beyond];
    }];
  });
}

/** Gradients of scale, offset and, if there is one, the bias before; arguments as of `gradientSums`. */
function weightGradients(
  kernel: string,
  x: Tensor,
  dy: Tensor,
  coefficients: Tensor2D,
  { before }: BatchNormWeights,
  more: readonly (number | Float)[] = [],
): Tensor[] {
  const { dWeight, dBias } = gradientSums(kernel, x, dy, coefficients, more);
  if (before === undefined) return [dWeight, dBias];
  const columns = coefficients.shape[1];
  const scale = tf.reshape(tf.slice(coefficients, [2, 0], [1, columns]), [columns]) as Tensor1D;
  return [dWeight, dBias, tf.mul(dBias, scale)];
}

/** That an input's gradient is moved by nothing, as {@link inputGradient} takes it. */
function unmoved(coefficients: Tensor2D): Tensor2D {
  return tf.zeros([2, coefficients.shape[1]]);
}

/**
 * max(h normalised + r, 0), r normalised if it has coefficients.
 *
 * @param gate Takes which numbers of the result are above 0.
 */
function endOfBlock<T extends Tensor>(
  h: T,
  coefficients: Tensor2D,
  r: T | null,
  others: Tensor2D | null,
  gate: Tensor,
): T {
  const backend = simdBackend();
  const slices = slicesOf(h.size / coefficients.shape[1], coefficients.shape[1]);
  const y = backend.empty<T>(h.shape);
  const pointer = (tensor: Tensor | null) => tensor === null ? 0 : backend.pointer(tensor);
  const kernel = r === null ? "blockEnd" : others === null ? "blockEndSum" : "blockEndSumOfTwo";
  // No key, no threshold and nothing kept: without dropout.
  const dropout = [0, 0, 0, new Float(1)] as const;
  backend.pool.run(kernel, slices.count, [
    pointer(h),
    pointer(coefficients),
    pointer(r),
    pointer(others),
    pointer(y),
    slices.rows,
    slices.columns,
    slices.length,
    ...dropout,
    pointer(gate),
    0,
  ]);
  return y;
}
