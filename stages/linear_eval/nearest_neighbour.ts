/**
 * The nearest training clip as a classifier: what features say with nothing fitted to them.
 *
 * @module
 */
import { BatchProducts } from "./batch_products.ts";
import type { LabelledFeatures } from "./sgd_probe.ts";
import { fitStandardizer, standardize } from "./standardize.ts";

/** Test clips and training clips whose cosines are worked out at once. */
const ROWS = 128, BANK = 512;

/**
 * Classifies each test clip by the training clip at the largest cosine, after the training means are
 * taken off both (the earlier clip in a tie; columns that do not vary are left out).
 *
 * @returns The nearest training clip of each test clip, and "logits" (test, classes): for each class
 * the largest cosine of its training clips, -2 for a class without any, so that top-k counts the k
 * nearest classes.
 */
export function nearestNeighbour(
  data: LabelledFeatures,
  train: readonly number[],
  test: readonly number[],
): { readonly logits: Float32Array<ArrayBuffer>; readonly nearest: Int32Array } {
  const fitted = fitStandardizer(data.features, train);
  // Centred, not scaled: the features' own proportions are part of what is measured.
  const scaler = { ...fitted, scales: fitted.scales.map(() => 1) };
  const bank = unitRows(standardize(data.features, train, scaler).values, fitted.columns.length);
  const queries = unitRows(standardize(data.features, test, scaler).values, fitted.columns.length);
  const width = fitted.columns.length, { classes, labels } = data;
  const out = new Float32Array(test.length * classes).fill(-2);
  const nearest = new Int32Array(test.length);
  const largest = new Float32Array(test.length).fill(-2);
  for (let first = 0; first < train.length; first += BANK) {
    const count = Math.min(BANK, train.length - first);
    const products = new BatchProducts({ rows: ROWS, classes: count, columns: width });
    const { errors: cosines, stride } = products;
    const none = new Float32Array(count);
    const owners = Int32Array.from({ length: count }, (_, b) => labels[train[first + b]!]!);
    products.setWeights(bank.subarray(first * width, (first + count) * width));
    for (let from = 0; from < test.length; from += ROWS) {
      const rows = Math.min(ROWS, test.length - from);
      for (let r = 0; r < rows; r++) products.setRow(r, queries, (from + r) * width);
      products.logits(rows, none);
      for (let r = 0; r < rows; r++) {
        for (let b = 0; b < count; b++) {
          const cosine = cosines[r * stride + b]!;
          const at = (from + r) * classes + owners[b]!;
          if (cosine > out[at]!) out[at] = cosine;
          if (cosine > largest[from + r]!) {
            largest[from + r] = cosine;
            nearest[from + r] = train[first + b]!;
          }
        }
      }
    }
  }
  return { logits: out, nearest };
}

function dot(a: Float32Array, i: number, b: Float32Array, j: number, length: number): number {
  let s0 = 0, s1 = 0, s2 = 0, s3 = 0, d = 0;
  for (; d + 3 < length; d += 4) {
    s0 += a[i + d]! * b[j + d]!;
    s1 += a[i + d + 1]! * b[j + d + 1]!;
    s2 += a[i + d + 2]! * b[j + d + 2]!;
    s3 += a[i + d + 3]! * b[j + d + 3]!;
  }
  for (; d < length; d++) s0 += a[i + d]! * b[j + d]!;
  return s0 + s1 + s2 + s3;
}

function unitRows(values: Float32Array, width: number): Float32Array {
  for (let at = 0; at < values.length; at += width) {
    const scale = 1 / Math.max(Math.sqrt(dot(values, at, values, at, width)), 1e-12);
    for (let d = at; d < at + width; d++) values[d] = values[d]! * scale;
  }
  return values;
}
