/**
 * Whether classes lie apart, in figures: purity of nearest neighbours, and the silhouette. They say
 * of the features what a picture only seems to say.
 *
 * @module
 */
import { type Packed, packedRow } from "./affinities.ts";

/** Figures of labelled points. */
export interface Neighbourhood {
  /** By number of neighbours: share of them that are of a point's own class, over all points, percent. */
  readonly purity: Readonly<Record<string, number>>;
  /**
   * Mean silhouette: (b - a) / max(a, b) of the mean distances a to the own class and b to the nearest
   * other one; 0 for a class of one clip. Null where there is one class alone.
   */
  readonly silhouette: number | null;
}

/**
 * The figures.
 *
 * @param squares Squared distances of all pairs.
 * @param labels Classes, n of them.
 * @param ks Numbers of neighbours; those that are not fewer than the points are left out.
 */
export function neighbourhood(
  squares: Packed,
  labels: Int32Array,
  ks: readonly number[],
): Neighbourhood {
  const n = labels.length;
  const counts = [...ks].filter((k) => k < n).sort((a, b) => a - b);
  const most = counts.at(-1) ?? 0;
  const classes = Math.max(...labels) + 1;
  const sizes = new Int32Array(classes);
  for (const label of labels) sizes[label]!++;
  const pure = counts.map(() => 0);
  let silhouettes = 0;
  const row = new Float64Array(n - 1), sums = new Float64Array(classes);
  const nearest = new Int32Array(most);
  for (let i = 0; i < n; i++) {
    packedRow(squares, n, i, row);
    const labelAt = (at: number) => labels[at < i ? at : at + 1]!;
    sums.fill(0);
    let found = 0;
    for (let at = 0; at < n - 1; at++) {
      const square = row[at]!;
      sums[labelAt(at)]! += Math.sqrt(square);
      if (found === most && (most === 0 || square >= row[nearest[most - 1]!]!)) continue;
      let place = found < most ? found++ : most - 1;
      for (; place > 0 && row[nearest[place - 1]!]! > square; place--) {
        nearest[place] = nearest[place - 1]!;
      }
      nearest[place] = at;
    }
    const own = labels[i]!;
    let same = 0;
    for (let at = 0, c = 0; at < most; at++) {
      if (labelAt(nearest[at]!) === own) same++;
      if (at + 1 === counts[c]) pure[c++]! += same / (at + 1);
    }
    silhouettes += silhouetteOf(own, sums, sizes);
  }
  const isOne = sizes.filter((size) => size > 0).length < 2;
  return {
    purity: Object.fromEntries(counts.map((k, c) => [String(k), 100 * pure[c]! / n])),
    silhouette: isOne ? null : silhouettes / n,
  };
}

function silhouetteOf(own: number, sums: Float64Array, sizes: Int32Array): number {
  if (sizes[own]! < 2) return 0;
  const a = sums[own]! / (sizes[own]! - 1);
  let b = Infinity;
  for (let c = 0; c < sizes.length; c++) {
    if (c !== own && sizes[c]! > 0) b = Math.min(b, sums[c]! / sizes[c]!);
  }
  const larger = Math.max(a, b);
  return larger > 0 && b < Infinity ? (b - a) / larger : 0;
}

/** Purity that classes of these sizes have by chance, in percent. */
export function chancePurity(labels: ArrayLike<number>): number {
  const sizes = new Map<number, number>();
  for (let i = 0; i < labels.length; i++) {
    sizes.set(labels[i]!, (sizes.get(labels[i]!) ?? 0) + 1);
  }
  let pairs = 0;
  for (const size of sizes.values()) pairs += size * (size - 1);
  return 100 * pairs / (labels.length * (labels.length - 1));
}
