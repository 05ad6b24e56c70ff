/**
 * What a classifier's logits come to: top-k accuracy, confusion matrix, accuracy of each class.
 *
 * @module
 */

/** Logits of a set of clips, with their true classes. */
export interface Predictions {
  /** Row-major (clips, classes). */
  readonly logits: Float32Array;
  /** True classes, 0-based, one a clip. */
  readonly labels: ArrayLike<number>;
  readonly classes: number;
}

/**
 * How many classes stand before the true one when logits are sorted downwards: 0 is a right
 * prediction. Among equal logits the smaller class comes first, and a logit that is no number stands
 * before all (so that a diverged classifier scores nothing by it).
 *
 * @param at Which clip.
 */
export function rankOfTruth({ logits, labels, classes }: Predictions, at: number): number {
  const start = at * classes, label = labels[at]!;
  const truth = logits[start + label]!;
  if (Number.isNaN(truth)) return classes;
  let rank = 0;
  for (let c = 0; c < classes; c++) {
    const value = logits[start + c]!;
    if (c < label ? !(value < truth) : c > label && !(value <= truth)) rank++;
  }
  return rank;
}

/** The class of the largest logit, the smallest class in a tie. */
export function predictedClass({ logits, classes }: Predictions, at: number): number {
  let best = 0;
  for (let c = 1; c < classes; c++) {
    if (logits[at * classes + c]! > logits[at * classes + best]!) best = c;
  }
  return best;
}

/**
 * The share of clips whose true class is among the k largest logits.
 *
 * @returns In percent.
 * @throws {RangeError} If there is no clip, or the logits do not fit the labels.
 */
export function topK(predictions: Predictions, k: number): number {
  const { logits, labels, classes } = predictions;
  if (labels.length === 0 || logits.length !== labels.length * classes) {
    throw new RangeError(
      `top-${k} of ${labels.length} clips and ${classes} classes from ${logits.length} logits`,
    );
  }
  let correct = 0;
  for (let i = 0; i < labels.length; i++) if (rankOfTruth(predictions, i) < k) correct++;
  return (100 * correct) / labels.length;
}

/**
 * Counts of true class (row) against predicted class (column).
 *
 * @returns Row-major (classes, classes).
 */
export function confusionMatrix(predictions: Predictions): Int32Array<ArrayBuffer> {
  const { labels, classes } = predictions;
  const counts = new Int32Array(classes * classes);
  for (let i = 0; i < labels.length; i++) {
    counts[labels[i]! * classes + predictedClass(predictions, i)]!++;
  }
  return counts;
}

/** Each class's share of right predictions in percent; `null` for a class without clips. */
export function classAccuracies(confusion: Int32Array, classes: number): (number | null)[] {
  return Array.from({ length: classes }, (_, c) => {
    const row = confusion.subarray(c * classes, (c + 1) * classes);
    const total = row.reduce((sum, count) => sum + count, 0);
    return total === 0 ? null : (100 * row[c]!) / total;
  });
}

/** What guessing scores on a set of labels. */
export interface Chance {
  /** Classes that occur. */
  readonly classes: number;
  /** One over the classes that occur, in percent. */
  readonly uniform: number;
  /** Share of the most frequent class, in percent. */
  readonly majority: number;
  /** Guessing five different classes at random, in percent. */
  readonly uniform_top5: number;
}

/**
 * What guessing scores.
 *
 * @throws {RangeError} If there is no label.
 */
export function chance(labels: ArrayLike<number>): Chance {
  const counts = new Map<number, number>();
  for (let i = 0; i < labels.length; i++) {
    counts.set(labels[i]!, (counts.get(labels[i]!) ?? 0) + 1);
  }
  if (counts.size === 0) throw new RangeError("chance level of no labels");
  return {
    classes: counts.size,
    uniform: 100 / counts.size,
    majority: (100 * Math.max(...counts.values())) / labels.length,
    uniform_top5: (100 * Math.min(5, counts.size)) / counts.size,
  };
}
