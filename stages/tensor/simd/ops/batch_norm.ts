/**
 * Batch normalisation on the `simd` backend: two passes over memory forward, of which a convolution
 * that hands out moments saves the first, and two backward.
 *
 * @module
 */
import type { Tensor, Tensor1D, Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";
import {
  BATCH_NORM_EPSILON,
  type BatchNormWeights,
  type BatchStatistics,
} from "../../ops/batch_norm.ts";
import type { Tape } from "../../tape.ts";
import { Float } from "../kernel_pool.ts";
import { simdBackend } from "../simd_backend.ts";
import { type Slices, slicesOf } from "./slices.ts";

/** Means and sums of squared deviations of the channels over slices of the rows. */
export interface Moments {
  /** (slices, 2, C): a slice's means, then its sums of squared deviations from them. */
  readonly parts: Tensor3D;
  /** Rows of each slice: one number if all but the last are equal, else int32 of shape (slices). */
  readonly rows: number | Tensor1D;
}

/** What a pass needs to normalise. */
export interface Normalisation {
  /** (4, C): mean, inverse deviation, scale, offset. */
  readonly coefficients: Tensor2D;
  readonly statistics: BatchStatistics;
}

/** Moments of the columns of x (..., C). */
export function momentsOf(x: Tensor, columns: number): Moments {
  const backend = simdBackend();
  const slices = slicesOf(x.size / columns, columns);
  const parts = backend.empty<Tensor3D>([slices.count, 2, columns]);
  backend.pool.run("moments", slices.count, [
    backend.pointer(x),
    backend.pointer(parts),
    slices.rows,
    columns,
    slices.length,
  ]);
  return { parts, rows: slices.length };
}

/** How x (..., C) is normalised in training. */
export function normalisationOf(
  x: Tensor,
  { weight, bias, before }: BatchNormWeights,
  moments = momentsOf(x, weight.size),
): Normalisation {
  const backend = simdBackend();
  const columns = weight.size;
  const coefficients = backend.empty<Tensor2D>([4, columns]);
  const mean = backend.empty<Tensor1D>([columns]);
  const variance = backend.empty<Tensor1D>([columns]);
  const { parts, rows } = moments;
  backend.pool.run("combineMoments", Math.ceil(columns / 16), [
    backend.pointer(parts),
    parts.shape[0],
    typeof rows === "number" ? rows : 0,
    x.size / columns,
    columns,
    backend.pointer(weight),
    backend.pointer(bias),
    before === undefined ? 0 : backend.pointer(before),
    backend.pointer(coefficients),
    backend.pointer(mean),
    backend.pointer(variance),
    new Float(BATCH_NORM_EPSILON),
    typeof rows === "number" ? 0 : backend.pointer(rows),
  ]);
  return { coefficients, statistics: { mean, variance } };
}

/** How x is normalised in evaluation: coefficients as in training. */
export function runningNormalisation(
  { weight, bias, before }: BatchNormWeights,
  { mean, variance }: BatchStatistics,
): Tensor2D {
  const backend = simdBackend();
  const coefficients = backend.empty<Tensor2D>([4, weight.size]);
  backend.pool.run("runningCoefficients", 1, [
    backend.pointer(mean),
    backend.pointer(variance),
    backend.pointer(weight),
    backend.pointer(bias),
    before === undefined ? 0 : backend.pointer(before),
    backend.pointer(coefficients),
    weight.size,
    new Float(BATCH_NORM_EPSILON),
  ]);
  return coefficients;
}

/** (x - mean) scale + offset, and max(..., 0) of it if asked for. */
export function normalised<T extends Tensor>(x: T, coefficients: Tensor2D, rectified: boolean): T {
  const backend = simdBackend();
  const columns = coefficients.shape[1];
  const slices = slicesOf(x.size / columns, columns);
  const y = backend.empty<T>(x.shape);
  backend.pool.run(rectified ? "normaliseRelu" : "normalise", slices.count, [
    backend.pointer(x),
    backend.pointer(y),
    backend.pointer(coefficients),
    slices.rows,
    columns,
    slices.length,
  ]);
  return y;
}

/** What sums over the batch give. */
export interface GradientSums {
  /** Gradient of gamma (C). */
  readonly dWeight: Tensor1D;
  /** Gradient of beta (C). */
  readonly dBias: Tensor1D;
  /** (2, C): what the second pass moves a gradient by. */
  readonly slopes: Tensor2D;
}

/**
 * The first pass backward.
 *
 * @param kernel Which of the kernels; `more` are its further arguments.
 */
export function gradientSums(
  kernel: string,
  x: Tensor,
  dy: Tensor,
  coefficients: Tensor2D,
  more: readonly (number | Float)[] = [],
): GradientSums {
  const backend = simdBackend();
  const slices = slicesOfTensor(x, coefficients);
  const { columns, count, rows } = slices;
  const parts = backend.empty([count, 2, columns]);
  const dWeight = backend.empty<Tensor1D>([columns]);
  const dBias = backend.empty<Tensor1D>([columns]);
  const slopes = backend.empty<Tensor2D>([2, columns]);
  backend.pool.run(kernel, count, [
    ...common(x, dy, coefficients, slices),
    backend.pointer(parts),
    ...more,
  ]);
  backend.pool.run("combineGradientSums", Math.ceil(columns / 16), [
    backend.pointer(parts),
    count,
    rows,
    columns,
    backend.pointer(coefficients),
    backend.pointer(slopes),
    backend.pointer(dWeight),
    backend.pointer(dBias),
  ]);
  parts.dispose();
  return { dWeight, dBias, slopes };
}

/** The second pass backward: the gradient of x. Arguments as of {@link gradientSums}. */
export function inputGradient(
  kernel: string,
  x: Tensor,
  dy: Tensor,
  coefficients: Tensor2D,
  slopes: Tensor2D,
  more: readonly (number | Float)[] = [],
): Tensor {
  const backend = simdBackend();
  const slices = slicesOfTensor(x, coefficients);
  const dx = backend.empty(x.shape);
  backend.pool.run(kernel, slices.count, [
    ...common(x, dy, coefficients, slices),
    backend.pointer(slopes),
    backend.pointer(dx),
    ...more,
  ]);
  return dx;
}

function slicesOfTensor(x: Tensor, coefficients: Tensor2D): Slices {
  const columns = coefficients.shape[1];
  return slicesOf(x.size / columns, columns);
}

function common(x: Tensor, dy: Tensor, coefficients: Tensor2D, slices: Slices): number[] {
  const backend = simdBackend();
  return [
    backend.pointer(x),
    backend.pointer(dy),
    backend.pointer(coefficients),
    slices.rows,
    slices.columns,
    slices.length,
  ];
}

/** See the definition. */
export function batchNorm<T extends Tensor>(
  tape: Tape,
  x: T,
  weights: BatchNormWeights,
): { y: T; statistics: BatchStatistics } {
  return batchNormTrain(tape, x, weights, false);
}

/** See the definition. */
export function batchNormRelu<T extends Tensor>(
  tape: Tape,
  x: T,
  weights: BatchNormWeights,
): { y: T; statistics: BatchStatistics } {
  return batchNormTrain(tape, x, weights, true);
}

/**
 * Batch normalisation in training, followed by ReLU if asked for.
 *
 * @param moments Of x, where they are known already.
 */
export function batchNormTrain<T extends Tensor>(
  tape: Tape,
  x: T,
  weights: BatchNormWeights,
  rectified: boolean,
  moments?: Moments,
): { y: T; statistics: BatchStatistics } {
  const gate = rectified ? "Relu" : "";
  let found: BatchStatistics | undefined;
  const y = tape.record([x, weights.weight, weights.bias], (save) => {
    const { coefficients, statistics } = normalisationOf(x, weights, moments);
    const { mean, variance } = found = statistics;
    const [xs, ks] = [save(x), save(coefficients)];
    return [
      normalised(x, coefficients, rectified),
      (dy, needs) => {
        const { dWeight, dBias, slopes } = gradientSums(`normalise${gate}Sums`, xs, dy, ks);
        const dx = needs[0] ? inputGradient(`normalise${gate}Gradient`, xs, dy, ks, slopes) : null;
        return [dx, dWeight, dBias];
      },
      mean,
      variance,
    ];
  });
  return { y, statistics: found! };
}

/** See the definition. */
export function batchNormEval<T extends Tensor>(
  x: T,
  weights: BatchNormWeights,
  running: BatchStatistics,
): T {
  return normalisedOnce(x, weights, running, false);
}

/** See the definition. */
export function batchNormReluEval<T extends Tensor>(
  x: T,
  weights: BatchNormWeights,
  running: BatchStatistics,
): T {
  return normalisedOnce(x, weights, running, true);
}

function normalisedOnce<T extends Tensor>(
  x: T,
  weights: BatchNormWeights,
  running: BatchStatistics,
  rectified: boolean,
): T {
  const coefficients = runningNormalisation(weights, running);
  const y = normalised(x, coefficients, rectified);
  coefficients.dispose();
  return y;
}
