/**
 * What a pass over a matrix needs to normalise its columns: coefficients, combined from moments by
 * slices, or from running statistics.
 *
 * @module
 */
import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import {
  BATCH_NORM_EPSILON,
  type BatchNormWeights,
  type BatchStatistics,
} from "../ops/batch_norm.ts";
import { gpuBackend } from "./gpu_backend.ts";
import { flatGroups, flatIndex, type Kernel, kernelOf } from "./kernel_code.ts";
import { mergeLanes, type Moments, momentsOf } from "./moments.ts";
import { lines, pairwise } from "./row_slices.ts";

/** How a matrix's columns are normalised in training. */
export interface Normalisation {
  /** (4, C): mean, inverse deviation, scale, offset; see {@link normalValue}. */
  readonly coefficients: Tensor2D;
  readonly statistics: BatchStatistics;
}

/** Columns and lanes of a workgroup that combines slices. */
const COLUMNS = 8;
const LANES = 32;

/** Slices that a lane takes at once: a convolution hands out thousands, and each load waits for memory. */
const AT_ONCE = 8;

/**
 * How x (..., C) is normalised in training: one call, besides that of its moments where nobody gave
 * them. It reads 8 bytes for each slice and column.
 */
export function normalisationOf(
  x: Tensor,
  { weight, bias, before }: BatchNormWeights,
): Normalisation {
  const backend = gpuBackend();
  const columns = weight.size;
  const rows = x.size / columns;
  const { parts, rows: length, group = rows }: Moments = momentsOf(x, columns);
  const coefficients = backend.empty<Tensor2D>([4, columns]);
  const mean = backend.empty<Tensor1D>([columns]);
  const variance = backend.empty<Tensor1D>([columns]);
  const given = before === undefined ? [weight, bias] : [weight, bias, before];
  backend.run(trainingKernel(before !== undefined), {
    tensors: [parts, ...given, coefficients, mean, variance],
    groups: [Math.ceil(columns / COLUMNS), 1, 1],
    numbers: [parts.shape[0], columns, rows, length, group, Math.ceil(group / length)],
  });
  return { coefficients, statistics: { mean, variance } };
}

/** The coefficients of `weight`, `bias`, `mean` and `variance` of a column, as statements. */
function writeCoefficients(at: string): string {
  return `let inverse = inverseSqrt(spread + ${BATCH_NORM_EPSILON});
    coefficients[${at}] = mean;
    coefficients[columns + ${at}] = inverse;
    coefficients[2u * columns + ${at}] = weight[${at}] * inverse;
    coefficients[3u * columns + ${at}] = bias[${at}];`;
}

function trainingKernel(before: boolean): Kernel {
  const [u, threads] = [AT_ONCE, COLUMNS * LANES];
  const sum = (term: (i: number) => string) =>
    pairwise(Array.from({ length: u }, (_, i) => term(i)));
  return kernelOf(`normalisation${before ? " with a bias before" : ""}`, () => ({
    bindings: [
      ...["parts", "weight", "bias", ...(before ? ["before"] : [])].map((name) => ({ name })),
      ...["coefficients", "average", "variance"].map((name) => ({ name, write: true })),
    ],
    numbers: ["slices: u32", "columns: u32", "rows: u32", "length: u32", "group: u32", "per: u32"],
    workgroup: [COLUMNS, LANES],
    declarations: `var<workgroup> means: array<f32, ${threads}>;
      var<workgroup> squares: array<f32, ${threads}>;
      var<workgroup> counts: array<f32, ${threads}>;
      fn rows_of(slice: u32) -> f32 {
        // A float division, exact below 2^22 slices: compilers for CPUs have no vectors of integer ones.
        let before = u32((f32(slice) + 0.5) / f32(numbers.per)) * numbers.per;
        let rows = min(numbers.length, numbers.group - (slice - before) * numbers.length);
        return select(0.0, f32(rows), slice < numbers.slices);
      }`,
    main: `let columns = numbers.columns;
      let column = wid.x * ${COLUMNS}u + lid.x;
      let source = min(column, columns - 1u);
      let lane = lid.y;
      var count = 0.0;
      var mean = 0.0;
      var square = 0.0;
      for (var s = lane; s < numbers.slices; s += ${u * LANES}u) {
        ${
      lines(u, (i) =>
        `let n${i} = rows_of(s + ${i * LANES}u);
        let at${i} = min(s + ${i * LANES}u, numbers.slices - 1u) * 2u * columns + source;
        let m${i} = parts[at${i}];
        let q${i} = select(0.0, parts[at${i} + columns], n${i} > 0.0);`)
    }
        let n = ${sum((i) => `n${i}`)};
        // The first of them has rows; the others' means are taken apart from its own.
        let own = m0 + (${sum((i) => `(m${i} - m0) * n${i}`)}) / n;
        let spread = ${sum((i) => `(q${i} + (m${i} - own) * (m${i} - own) * n${i})`)};
        let both = count + n;
        let apart = own - mean;
        mean += apart * (n / both);
        square += spread + apart * apart * (count * (n / both));
        count = both;
      }
      means[lix] = mean;
      squares[lix] = square;
      counts[lix] = count;
      ${mergeLanes(COLUMNS, LANES)}
      if (lane == 0u && column < columns) {
        let spread = square / f32(numbers.rows);
        ${writeCoefficients("column")}
        average[column] = mean${before ? " + before[column]" : ""};
        variance[column] = square / (f32(numbers.rows) - 1.0);
      }`,
  }));
}

/** How x is normalised in evaluation: coefficients (4, C) as in training. */
export function runningNormalisation(
  { weight, bias, before }: BatchNormWeights,
  { mean, variance }: BatchStatistics,
): Tensor2D {
  const backend = gpuBackend();
  const columns = weight.size;
  const coefficients = backend.empty<Tensor2D>([4, columns]);
  const given = before === undefined ? [weight, bias] : [weight, bias, before];
  const kernel = kernelOf(`running normalisation${before ? " with a bias before" : ""}`, () => ({
    bindings: [
      ...["averages", "variances", "weight", "bias"].map((name) => ({ name })),
      ...(before ? [{ name: "before" }] : []),
      { name: "coefficients", write: true },
    ],
    numbers: ["columns: u32"],
    workgroup: [64],
    main: `${flatIndex(64)}
      let columns = numbers.columns;
      if (index < columns) {
        let mean = averages[index]${before ? " - before[index]" : ""};
        let spread = variances[index];
        ${writeCoefficients("index")}
      }`,
  }));
  backend.run(kernel, {
    tensors: [mean, variance, ...given, coefficients],
    groups: flatGroups(columns, 64),
    numbers: [columns],
  });
  return coefficients;
}
