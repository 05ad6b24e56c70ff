/**
 * The k-nearest-neighbour classifier that watches pre-training (method section 8, kNN monitor).
 *
 * @module
 */
import { normalizeRows, type RowMatrix } from "./row_matrix.ts";

/** Accuracy of the classifier for one k. */
export interface KnnScore {
  /** Neighbours that voted: the k asked for, or the size of the bank where that is smaller. */
  readonly k: number;
  /** Correct predictions in percent. */
  readonly top1: number;
}

/** Temperature of the votes, method section 8. */
const VOTE_TEMPERATURE = 0.1;

/** Embeddings with the class of each row. */
export interface LabelledRows {
  /** Embeddings (N, D); rows are scaled to unit length. */
  readonly matrix: RowMatrix;
  /** Classes of the rows, 0-based, N of them. */
  readonly labels: ArrayLike<number>;
}

/**
 * Classifies every query by its k nearest bank rows in cosine similarity. Each neighbour votes for
 * its class with weight `exp(similarity / 0.1)`; the class of most weight wins, the smaller class
 * in a tie. Neighbours of equal similarity are taken in the order of the bank.
 *
 * @param ks Numbers of neighbours; each is clipped to the size of the bank, doubles are dropped.
 * @throws {RangeError} If bank or queries are empty or their widths differ.
 */
export function knn(
  bank: LabelledRows,
  queries: LabelledRows,
  ks: readonly number[],
): readonly KnnScore[] {
  const { rows: size, columns } = bank.matrix;
  if (size === 0 || queries.matrix.rows === 0 || columns !== queries.matrix.columns) {
    throw new RangeError(
      `kNN needs a bank and queries of one width, found (${size}, ${columns}) and ` +
        `(${queries.matrix.rows}, ${queries.matrix.columns})`,
    );
  }
  const counts = [...new Set(ks.map((k) => Math.min(k, size)))].sort((a, b) => a - b);
  const most = counts.at(-1) ?? 0;
  const keys = normalizeRows(bank.matrix).values;
  const points = normalizeRows(queries.matrix).values;
  const similarities = new Float64Array(size);
  const correct = counts.map(() => 0);
  for (let q = 0; q < queries.matrix.rows; q++) {
    for (let b = 0; b < size; b++) {
      let dot = 0;
      for (let c = 0; c < columns; c++) dot += points[q * columns + c]! * keys[b * columns + c]!;
      similarities[b] = dot;
    }
    const nearest = nearestRows(similarities, most);
    counts.forEach((k, at) => {
      if (vote(nearest.slice(0, k), similarities, bank.labels) === queries.labels[q]) {
        correct[at]!++;
      }
    });
  }
  return counts.map((k, at) => ({ k, top1: 100 * correct[at]! / queries.matrix.rows }));
}

/** Indices of the `count` largest similarities, largest first, equal ones in order of index. */
function nearestRows(similarities: Float64Array, count: number): readonly number[] {
  const nearest: number[] = [];
  for (let b = 0; b < similarities.length; b++) {
    if (nearest.length === count && similarities[b]! <= similarities[nearest.at(-1)!]!) continue;
    let at = nearest.length;
    while (at > 0 && similarities[nearest[at - 1]!]! < similarities[b]!) at--;
    nearest.splice(at, 0, b);
    if (nearest.length > count) nearest.pop();
  }
  return nearest;
}

/** The class with the largest sum of weights. */
function vote(
  neighbours: readonly number[],
  similarities: Float64Array,
  labels: ArrayLike<number>,
): number {
  const weights = new Map<number, number>();
  for (const row of neighbours) {
    const label = labels[row]!;
    const weight = Math.exp(similarities[row]! / VOTE_TEMPERATURE);
    weights.set(label, (weights.get(label) ?? 0) + weight);
  }
  let best = -1;
  let most = -Infinity;
  for (const [label, weight] of weights) {
    if (weight > most || (weight === most && label < best)) [best, most] = [label, weight];
  }
  return best;
}
