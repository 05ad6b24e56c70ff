/**
 * What neighbours vote for, as a row of logits whose order is the classifier's, ties settled.
 *
 * @module
 */

/** How neighbours vote. */
export interface Voting {
  /** Every vote weighs one, or exp(cosine / temperature). */
  readonly weights: "uniform" | "similarity";
  readonly temperature: number;
}

/** The neighbours of one query, nearest first. */
export interface Voters {
  /** Class of each. */
  readonly labels: ArrayLike<number>;
  readonly cosines: ArrayLike<number>;
  /** All classes of the bank, by their nearest row. */
  readonly order: ArrayLike<number>;
}

/**
 * Votes by class. Of classes with equal votes, the one whose nearest row is nearest comes first. Classes
 * without votes follow in the same order, below zero, so that top-k of them means something; classes
 * that the bank does not have are last.
 *
 * Votes by similarity are `sum exp((cosine - nearest cosine) / temperature)`: the sums of
 * `exp(cosine / temperature)`, all divided by the nearest neighbour's weight, which no temperature lets
 * overflow.
 *
 * @param k So many of the voters vote.
 * @param out The row to fill: as many numbers as there are classes. Strictly descending by rank among
 * the bank's classes, so equal votes differ by the least step of float32.
 */
export function fillVotes(
  voters: Voters,
  k: number,
  { weights, temperature }: Voting,
  out: Float32Array,
): void {
  const { labels, cosines, order } = voters;
  const votes = new Map<number, number>();
  for (let i = 0; i < k; i++) {
    const weight = weights === "uniform" ? 1 : Math.exp((cosines[i]! - cosines[0]!) / temperature);
    votes.set(labels[i]!, (votes.get(labels[i]!) ?? 0) + weight);
  }
  // A Map keeps the order in which classes came, which is that of their nearest rows; sorting is stable.
  const ranked = [...votes].sort(([, a], [, b]) => b - a);
  out.fill(-1);
  let above = Infinity;
  for (const [label, vote] of ranked) {
    above = Math.fround(vote) < above ? Math.fround(vote) : nextBelow(above);
    out[label] = above;
  }
  const share = 1 / (out.length + 1);
  let place = 1;
  for (let i = 0; i < order.length; i++) {
    if (!votes.has(order[i]!)) out[order[i]!] = -share * place++;
  }
}

const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);

/** The largest float32 below a finite one. */
export function nextBelow(value: number): number {
  float[0] = value;
  if (float[0] > 0) bits[0] = bits[0]! - 1;
  else if (float[0] < 0) bits[0] = bits[0]! + 1;
  else bits[0] = -(2 ** 31) + 1;
  return float[0]!;
}
