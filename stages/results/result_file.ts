/**
 * `result.json`: what an evaluation came to, as the table and people read it.
 *
 * @module
 */
import type { AccuracyInterval } from "../statistics/accuracy_interval.ts";
import type { Chance } from "../statistics/classification.ts";
import type { DataOrigin } from "./data_origin.ts";
import { mean, standardDeviation } from "../statistics/moments.ts";

/** What may differ between the members of a result. */
export type Varied = "initialisation" | "augmentation" | "probe" | "subset";

/** Which answers of a classifier: at its own last epoch, or at the epoch best on the test set. */
export type Moment = "last" | "best";

/** One (test, classes) block of `logits.npy` and one (classes, classes) block of `confusion.npy`. */
export interface Plane {
  readonly probe: string;
  readonly member: string;
  readonly at: Moment;
}

/** Accuracy on some of the test clips. */
export interface PartAccuracy {
  /** Test clips of the part. */
  readonly n: number;
  readonly top1_last: number;
  readonly top5_last: number;
  readonly top1_best?: number;
}

/** The encoder behind a result, or the network that was trained for it. */
export interface EncoderOrigin {
  /** Channels of the backbone's first block. */
  readonly width: number;
  readonly hidden_dim: number;
  readonly stream: string;
  /** How much was pre-trained; zeros for an encoder that was not. */
  readonly trained: {
    readonly epochs: number;
    readonly steps: number;
    readonly clips_seen: number;
  };
  /** Shape of the clips that it was made for; their classes tell whether it comes from another set. */
  readonly data: { readonly classes: number; readonly frames: number; readonly bodies: number };
  /** Where those clips come from, as far as it is known. */
  readonly clips?: { readonly dataset: string; readonly synthetic?: true | undefined };
  /** A fingerprint of each encoder's weights: as many pre-trainings as there are different ones. */
  readonly weights: readonly string[];
}

/** What else is known of a row's answers. */
export interface RowExtras {
  /**
   * Percent of the test clips whose nearest training clip is the same performance, filmed by another
   * camera; only where the data set tells performances apart.
   */
  readonly twins?: number;
  /** Percent of the test clips whose performance is in training at all. */
  readonly twins_possible?: number;
}

/** One classifier of one member. Accuracies and errors are in percent. */
export interface ResultRow extends RowExtras {
  /** Kind of classifier, such as `linear` or `finetune`. */
  readonly probe: string;
  readonly member: string;
  /** Test clips. */
  readonly n: number;
  /** After the last epoch; for classifiers without epochs, the one value. */
  readonly top1_last: number;
  readonly top5_last: number;
  /** Binomial standard error of `top1_last`. */
  readonly standard_error: number;
  /** Binomial standard error of `top5_last`. */
  readonly standard_error_top5: number;
  /** Wilson's 95 % interval of `top1_last`. */
  readonly interval: readonly [number, number];
  /** Bootstrap over subjects of `top1_last`. */
  readonly bootstrap: AccuracyInterval;
  /** At the epoch with the best test accuracy: chosen on the test set. */
  readonly top1_best?: number;
  /** At that epoch. */
  readonly top5_best?: number;
  /** Binomial standard error of `top1_best`. */
  readonly standard_error_best?: number;
  readonly best_epoch?: number;
  /** Accuracy of each class; null for a class without test clips. */
  readonly per_class: readonly (number | null)[];
  /** Clips of classes that one person performs; only where classes of two people are tested too. */
  readonly one_person?: PartAccuracy;
  /** Clips of classes that two people perform together. */
  readonly mutual?: PartAccuracy;
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
  readonly format: "result/2";
  readonly title: string;
  /** Where the features come from. */
  readonly source: string;
  readonly classes: number;
  /** Names of the classes, where the data set has them. */
  readonly class_names?: readonly string[];
  readonly protocol: string;
  /** Different clips that train in any fold. */
  readonly train: number;
  /** Clips really used per epoch, one for each fold or member. */
  readonly clips_per_epoch?: readonly number[];
  /** Test clips, pooled over the folds. */
  readonly test: number;
  /** Different subjects among them. */
  readonly subjects: number;
  /** Classes that two people perform together, 0-based; absent where the set has but one kind. */
  readonly mutual?: readonly number[];
  /** What differs between members; empty for a single one. */
  readonly varied: readonly Varied[];
  /** Where the clips come from; absent where the protocol did not say. */
  readonly data?: DataOrigin;
  /** Absent where there is no encoder, or the protocol did not say. */
  readonly encoder?: EncoderOrigin;
  /** What guessing scores on the test clips. */
  readonly chance: Chance;
  /** The blocks of `logits.npy` and `confusion.npy`, in order. */
  readonly planes: readonly Plane[];
  readonly rows: readonly ResultRow[];
  readonly summary: Readonly<Record<string, ProbeSummary>>;
  /** Statistics of each member's features; empty where there are none. */
  readonly features: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** How the classifiers were run, JSON values. */
  readonly details: Readonly<Record<string, unknown>>;
}

/** Averages each probe's rows over the members. */
export function summarize(rows: readonly ResultRow[]): ResultFile["summary"] {
  const summary: Record<string, ProbeSummary> = {};
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
