/**
 * One panel from its features to its points and figures.
 *
 * @module
 */
import type { RowMatrix } from "../metrics/row_matrix.ts";
import { type Affinities, affinities, squaredDistances } from "./affinities.ts";
import type { TsneParams } from "./definition.ts";
import { divergenceOf, Embedding } from "./embedding.ts";
import { type Neighbourhood, neighbourhood } from "./neighbourhood.ts";
import { centred, principalComponents } from "./principal_components.ts";

/** At most so many times the number of points is the learning rate, or few points fly apart. */
const RATE_PER_POINT = 3;

/** Figures of a panel, as `tsne.json` has them. */
export interface PanelFigures {
  /** In the features' own space. */
  readonly features: Neighbourhood;
  /** In the plane. */
  readonly plane: Neighbourhood;
  /** Columns that distances were taken in, and their share of the variance. */
  readonly dimensions: number;
  readonly variance_kept: number;
  /** Smallest and largest perplexity that a point reached. */
  readonly perplexity: readonly [number, number];
  /** KL(P || Q) at the end, in nats. */
  readonly kl: number;
}

/** What a panel's points are moved by, and what is known before they are. */
export interface Prepared {
  readonly affinities: Affinities;
  readonly features: Neighbourhood;
  readonly dimensions: number;
  readonly variance_kept: number;
}

/** The learning rate for so many points. */
export function learningRate(params: Pick<TsneParams, "learning_rate">, points: number): number {
  return Math.min(params.learning_rate, RATE_PER_POINT * points);
}

/**
 * Affinities of some rows, and how pure their neighbourhoods are.
 *
 * @param breathe Called now and then; it may wait.
 */
export async function prepare(
  rows: RowMatrix,
  labels: Int32Array,
  params: TsneParams,
  breathe: () => Promise<void>,
): Promise<Prepared> {
  const { rows: n } = rows;
  const after = async (row: number) => {
    if (row % 64 === 63) await breathe();
  };
  const own = await squaredDistances(rows.values, n, rows.columns, after);
  const features = neighbourhood(own, labels, params.k);
  await breathe();
  const components = await principalComponents(centred(rows), params.dimensions, breathe);
  const reduced = rows.columns <= params.dimensions
    ? own
    : await squaredDistances(components.values, n, components.dimensions, after);
  return {
    affinities: await affinities(reduced, n, params.perplexity, after),
    features,
    dimensions: components.dimensions,
    variance_kept: components.kept,
  };
}

/** Moves the points by one iteration. */
export function iterate(points: Embedding, { affinities }: Prepared, params: TsneParams): void {
  const learning_rate = learningRate(params, points.x.length);
  points.step(affinities.P, { ...params, learning_rate });
}

/** A panel's figures once its points have come to rest. */
export async function figuresOf(
  { affinities: { P, perplexity }, features, dimensions, variance_kept }: Prepared,
  points: Float64Array,
  labels: Int32Array,
  k: readonly number[],
): Promise<PanelFigures> {
  const n = labels.length;
  const plane = new Float64Array(2 * n);
  for (let i = 0; i < n; i++) {
    plane[2 * i] = points[i]!;
    plane[2 * i + 1] = points[n + i]!;
  }
  return {
    features,
    plane: neighbourhood(await squaredDistances(plane, n, 2), labels, k),
    dimensions,
    variance_kept,
    perplexity,
    kl: divergenceOf(P, points.subarray(0, n), points.subarray(n, 2 * n)),
  };
}
