/**
 * The probabilities P that t-SNE lays out: each point's Gaussian over its neighbours, as wide as a
 * perplexity wants it, made symmetric (method section 8, t-SNE).
 *
 * @module
 */

/** Halvings and doublings in the search of a width. */
const TRIES = 50;

/** How near the entropy must come to the perplexity's logarithm, in nats. */
const TOLERANCE = 1e-5;

/** A symmetric matrix without its diagonal: entry (i, j), j < i, at i (i - 1) / 2 + j. */
export type Packed = Float64Array<ArrayBuffer>;

/** Length of a {@link Packed} matrix of so many points. */
export function packedLength(points: number): number {
  return points * (points - 1) / 2;
}

/**
 * Squared Euclidean distances of all pairs of rows.
 *
 * @param values (n, d) row-major.
 * @param after Called after every row; it may wait.
 */
export async function squaredDistances(
  values: Float64Array | Float32Array,
  n: number,
  d: number,
  after: (row: number) => Promise<void> = () => Promise.resolve(),
): Promise<Packed> {
  const out = new Float64Array(packedLength(n));
  for (let i = 0; i < n; i++) {
    distancesOfRow(values, i, d, out.subarray(packedLength(i), packedLength(i) + i));
    await after(i);
  }
  return out;
}

/** Distances of row i to the rows before it, four of them at a time. */
function distancesOfRow(
  values: Float64Array | Float32Array,
  i: number,
  d: number,
  out: Float64Array,
): void {
  const at = i * d;
  let j = 0;
  for (; j + 3 < i; j += 4) {
    const j0 = j * d, j1 = j0 + d, j2 = j1 + d, j3 = j2 + d;
    let s0 = 0, s1 = 0, s2 = 0, s3 = 0;
    for (let c = 0; c < d; c++) {
      const a = values[at + c]!;
      const e0 = a - values[j0 + c]!, e1 = a - values[j1 + c]!;
      const e2 = a - values[j2 + c]!, e3 = a - values[j3 + c]!;
      s0 += e0 * e0, s1 += e1 * e1, s2 += e2 * e2, s3 += e3 * e3;
    }
    out[j] = s0, out[j + 1] = s1, out[j + 2] = s2, out[j + 3] = s3;
  }
  for (; j < i; j++) {
    let sum = 0;
    for (let c = 0; c < d; c++) sum += (values[at + c]! - values[j * d + c]!) ** 2;
    out[j] = sum;
  }
}

/** Row i of a packed matrix without its own entry: (n - 1) values, in the order of the points. */
export function packedRow(packed: Packed, n: number, i: number, out: Float64Array): Float64Array {
  out.set(packed.subarray(packedLength(i), packedLength(i) + i));
  for (let j = i + 1; j < n; j++) out[j - 1] = packed[packedLength(j) + i]!;
  return out;
}

/**
 * The Gaussian of one point over the others, exp(-beta d) normalised, with an entropy of
 * ln(perplexity): beta by bisection, 50 tries, to 1e-5.
 *
 * @param distances Squared distances to the other points.
 * @param out Receives the probabilities; as many.
 * @returns The entropy reached, in nats; short of the wish only where points coincide.
 */
export function gaussianOf(
  distances: Float64Array,
  perplexity: number,
  out: Float64Array,
): number {
  const wish = Math.log(perplexity);
  // Probabilities do not change when all distances do by one amount, and so none underflows to zero.
  let nearest = Infinity;
  for (let j = 0; j < distances.length; j++) nearest = Math.min(nearest, distances[j]!);
  let beta = 1, low = 0, high = Infinity;
  let entropy = 0;
  for (let tries = 0; tries <= TRIES; tries++) {
    let sum = 0, weighted = 0;
    for (let j = 0; j < distances.length; j++) {
      const e = distances[j]! - nearest;
      const p = Math.exp(-beta * e);
      out[j] = p;
      sum += p;
      weighted += e * p;
    }
    entropy = Math.log(sum) + beta * weighted / sum;
    const scale = 1 / sum;
    if (Math.abs(entropy - wish) < TOLERANCE || tries === TRIES) {
      for (let j = 0; j < distances.length; j++) out[j]! *= scale;
      break;
    }
    if (entropy > wish) {
      low = beta;
      beta = high === Infinity ? 2 * beta : (beta + high) / 2;
    } else {
      high = beta;
      beta = (beta + low) / 2;
    }
  }
  return entropy;
}

/** P, and how well the search of the widths ended. */
export interface Affinities {
  /** p_ij = (p_j|i + p_i|j) / 2n; twice its sum is 1. */
  readonly P: Packed;
  /** Smallest and largest perplexity reached by a point. */
  readonly perplexity: readonly [number, number];
}

/**
 * P of some points.
 *
 * @param distances Squared distances of all pairs.
 * @param n Points.
 * @param after Called after every point; it may wait.
 */
export async function affinities(
  distances: Packed,
  n: number,
  perplexity: number,
  after: (point: number) => Promise<void> = () => Promise.resolve(),
): Promise<Affinities> {
  const P = new Float64Array(packedLength(n));
  const row = new Float64Array(n - 1), gaussian = new Float64Array(n - 1);
  let least = Infinity, most = 0;
  for (let i = 0; i < n; i++) {
    const reached = Math.exp(gaussianOf(packedRow(distances, n, i, row), perplexity, gaussian));
    [least, most] = [Math.min(least, reached), Math.max(most, reached)];
    for (let j = 0; j < i; j++) P[packedLength(i) + j]! += gaussian[j]!;
    for (let j = i + 1; j < n; j++) P[packedLength(j) + i]! += gaussian[j - 1]!;
    await after(i);
  }
  for (let at = 0; at < P.length; at++) P[at]! /= 2 * n;
  return { P, perplexity: [least, most] };
}
