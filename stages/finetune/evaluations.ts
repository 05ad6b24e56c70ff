/**
 * What a classifier said of the test clips at the epochs at which it was asked, and the two answers that
 * are reported: the last one, and the best one, which is chosen on the test set.
 *
 * @module
 */
import { topK } from "../statistics/classification.ts";

/** A fold's classifier, asked about its test clips. */
export interface Evaluation {
  /** 1-based. */
  readonly epoch: number;
  /** Percent of the fold's test clips. */
  readonly top1: number;
  /** (test clips of the fold, classes), row-major. */
  readonly logits: Float32Array<ArrayBuffer>;
}

/** A member's answers about the test clips of all folds. */
export interface MemberAnswers {
  /** (test, classes), after the last epoch. */
  readonly last: Float32Array<ArrayBuffer>;
  /** At the epoch with the most test clips right, the earliest of them. */
  readonly best: { readonly logits: Float32Array<ArrayBuffer>; readonly epoch: number };
}

/**
 * Adds an evaluation to those of its fold. With a single fold only the best and the newest are kept, with
 * several all, since the best epoch is one for all folds.
 */
export function addEvaluation(
  kept: readonly Evaluation[],
  found: Evaluation,
  folds: number,
): readonly Evaluation[] {
  if (folds > 1) return [...kept, found];
  const best = kept.reduce<Evaluation | undefined>(
    (most, one) => most === undefined || one.top1 > most.top1 ? one : most,
    undefined,
  );
  return best === undefined || found.top1 > best.top1 ? [found] : [best, found];
}

/**
 * Puts the folds' answers together.
 *
 * @param folds Test clips of each fold, and its evaluations, at the same epochs in all folds.
 * @param test All test clips, ascending.
 * @param labels Their classes.
 */
export function pooledAnswers(
  folds: readonly { readonly test: readonly number[]; readonly kept: readonly Evaluation[] }[],
  test: readonly number[],
  labels: Int32Array,
  classes: number,
): MemberAnswers {
  const position = new Map(test.map((clip, i) => [clip, i]));
  const pooled = folds[0]!.kept.map(({ epoch }, e) => {
    const logits = new Float32Array(test.length * classes);
    for (const fold of folds) {
      const own = fold.kept[e]!.logits;
      fold.test.forEach((clip, i) => {
        logits.set(own.subarray(i * classes, (i + 1) * classes), position.get(clip)! * classes);
      });
    }
    return { epoch, logits, top1: topK({ logits, labels, classes }, 1) };
  });
  const best = pooled.reduce((most, one) => one.top1 > most.top1 ? one : most);
  return {
    last: pooled.at(-1)!.logits,
    best: { logits: best.logits, epoch: best.epoch },
  };
}
