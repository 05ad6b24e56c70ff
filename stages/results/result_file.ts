/**
 * `result.json`: what an evaluation came to, as the table and people read it.
 *
 * @module
 */
import type { Chance } from "../statistics/classification.ts";
import { mean, standardDeviation } from "../statistics/moments.ts";

/** The kinds of classifier on top of the features. */
export type Probe = "linear" | "linear_converged" | "nn1";

/** The second axis of `logits.npy` and `confusion.npy`. */
export const PLANES = ["linear", "linear_best", "linear_converged"] as const;

/** One probe on one member's features. Accuracies and errors are in percent. */
export interface ResultRow {
  readonly probe: Probe;
  readonly member: string;
  /** Test clips. */
  readonly n: number;
  /** After the last epoch; for probes without epochs, the one value. */
  readonly top1_last: number;
  readonly top5_last: number;
  /** Binomial standard error of `top1_last`. */
  readonly standard_error: number;
  /** Binomial standard error of `top5_last`. */
  readonly standard_error_top5: number;
  /** Wilson's 95 % interval of `top1_last`. */
  readonly interval: readonly [number, number];
  /** At the epoch with the best test accuracy: chosen on the test set. `linear` only. */
  readonly top1_best?: number;
  /** At that epoch. `linear` only. */
  readonly top5_best?: number;
  /** Binomial standard error of `top1_best`. `linear` only. */
  readonly standard_error_best?: number;
  readonly best_epoch?: number;
  /**
   * Percent of the test clips whose nearest training clip is the same performance, filmed by another
   * camera. `nn1` only, and only where the data set tells performances apart.
   */
  readonly twins?: number;
  /** Percent of the test clips whose performance is in training at all. */
  readonly twins_possible?: number;
  /** Accuracy of each class; null for a class without test clips. */
  readonly per_class: readonly (number | null)[];
}

/** A figure over several members. */
export interface Spread {
  readonly mean: number;
  /** Sample standard deviation over the members; absent for a single one. */
  readonly spread?: number;
}

/** Figures of a probe that are averaged over members. */
export const AVERAGED = ["top1_last", "top1_best", "top5_last", "top5_best"] as const;

/** One probe over all members. */
export type ProbeSummary =
  & { readonly members: number; readonly n: number }
  & { readonly [K in typeof AVERAGED[number]]?: Spread };

/** The whole file. */
export interface ResultFile {
  readonly format: "result/1";
  readonly title: string;
  /** Where the features come from. */
  readonly source: string;
  readonly classes: number;
  readonly protocol: string;
  /** Different clips that train in any fold. */
  readonly train: number;
  /** Test clips, pooled over the folds. */
  readonly test: number;
  /** What guessing scores on the test clips. */
  readonly chance: Chance;
  readonly rows: readonly ResultRow[];
  readonly summary: Readonly<Partial<Record<Probe, ProbeSummary>>>;
  /** Statistics of each member's features. */
  readonly features: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** How the probes were run, JSON values. */
  readonly details: Readonly<Record<string, unknown>>;
}

/** Averages each probe's rows over the members. */
export function summarize(rows: readonly ResultRow[]): ResultFile["summary"] {
  const summary: Partial<Record<Probe, ProbeSummary>> = {};
  for (const probe of new Set(rows.map((row) => row.probe))) {
    const own = rows.filter((row) => row.probe === probe);
    const figures: Partial<Record<typeof AVERAGED[number], Spread>> = {};
    for (const name of AVERAGED) {
      const values = own.map((row) => row[name]).filter((value) => value !== undefined);
      if (values.length === 0) continue;
      const spread = standardDeviation(values);
      figures[name] = { mean: mean(values), ...(spread === undefined ? {} : { spread }) };
    }
    summary[probe] = { members: own.length, n: own[0]!.n, ...figures };
  }
  return summary;
}
