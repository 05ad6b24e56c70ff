/**
 * How well a score tells two kinds apart.
 *
 * @module
 */

/**
 * Area under the ROC curve: the probability that a value of the one kind is larger than one of the other,
 * ties counting one half. From ranks, equal values sharing the mean of theirs.
 *
 * @param scores Values, none of them NaN.
 * @param positive For each value, whether it is of the kind expected to be larger (1) or not (0).
 * @returns Undefined where either kind is missing.
 */
export function auc(scores: Float64Array, positive: Uint8Array): number | undefined {
  const size = scores.length;
  const order = Uint32Array.from({ length: size }, (_, i) => i)
    .sort((a, b) => scores[a]! - scores[b]!);
  let [positives, ranks] = [0, 0];
  for (let from = 0; from < size;) {
    let to = from;
    let here = 0;
    for (; to < size && scores[order[to]!] === scores[order[from]!]; to++) {
      here += positive[order[to]!]!;
    }
    // Ranks from 1: those of from .. to - 1 have the mean (from + 1 + to) / 2.
    ranks += here * (from + 1 + to) / 2;
    positives += here;
    from = to;
  }
  const negatives = size - positives;
  if (positives === 0 || negatives === 0) return undefined;
  return (ranks - positives * (positives + 1) / 2) / (positives * negatives);
}
