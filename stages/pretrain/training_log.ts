/**
 * The log of a run while it grows: rows written, and the figures of the steps since the last row.
 *
 * @module
 */
import { alignment } from "../metrics/alignment.ts";
import { effectiveRank } from "../metrics/effective_rank.ts";
import type { KnnScore } from "../metrics/knn.ts";
import type { RowMatrix } from "../metrics/row_matrix.ts";
import { uniformity } from "../metrics/uniformity.ts";
import type { MaskFigures } from "./mask_check.ts";
import type { ChanceLevels, LogColumn, LogRow } from "./log_row.ts";
import { FIGURES } from "./step_figures.ts";

/** Accuracies of one check of the kNN monitor. */
export interface KnnRow {
  /** Steps done. */
  readonly step: number;
  /** 1-based epoch of the last step. */
  readonly epoch: number;
  /** One for each k. */
  readonly scores: readonly KnnScore[];
}

/** One check of the attention mask. */
export interface MaskRow {
  /** Steps done. */
  readonly step: number;
  /** 1-based epoch of the last step. */
  readonly epoch: number;
  readonly figures: MaskFigures;
}

/** A log as a checkpoint holds it. */
export interface LogState {
  /** Rows written. */
  readonly rows: readonly LogRow[];
  /** Figures of the steps since the last row, one list a step. */
  readonly pending: readonly (readonly number[])[];
  /** Checks of the monitor. */
  readonly knn: readonly KnnRow[];
  /** Checks of the mask. */
  readonly mask: readonly MaskRow[];
}

/** What a row states of its last step. */
export interface LastStep {
  /** Steps done, this one included. */
  readonly step: number;
  /** 1-based. */
  readonly epoch: number;
  /** Its learning rate. */
  readonly learningRate: number;
  /** Momentum of the key encoder used after it. */
  readonly emaMomentum: number;
  /** q_z (N, feature_dim). */
  readonly queries: RowMatrix;
  /** k_z (N, feature_dim). */
  readonly keys: RowMatrix;
}

/** Gathers figures and writes rows. */
export class TrainingLog {
  /** Rows written so far. */
  readonly rows: LogRow[];
  /** Checks of the monitor so far; the caller adds to them. */
  readonly knn: KnnRow[];
  /** Checks of the mask so far; the caller adds to them. */
  readonly mask: MaskRow[];
  readonly #chance: ChanceLevels;
  #pending: (readonly number[])[];

  /**
   * Begins a log, or goes on with one.
   *
   * @param chance Chance levels of the losses.
   * @param state A log to go on with.
   */
  constructor(chance: ChanceLevels, state?: LogState) {
    this.#chance = chance;
    this.rows = [...state?.rows ?? []];
    this.knn = [...state?.knn ?? []];
    this.mask = [...state?.mask ?? []];
    this.#pending = [...state?.pending ?? []];
  }

  /**
   * Takes the figures of steps, in order.
   *
   * @param first Steps done before the first of them.
   * @throws {Error} If a figure is not finite: the run has diverged.
   */
  add(figures: readonly (readonly number[])[], first: number): void {
    for (const [i, step] of figures.entries()) {
      const wrong = step.findIndex((value) => !Number.isFinite(value));
      if (wrong >= 0) {
        throw new Error(
          `step ${first + i + 1}: ${FIGURES[wrong]} is ${
            step[wrong]
          }: the training has diverged; ` +
            "lower lr, or let it rise with warmup_epochs",
        );
      }
    }
    this.#pending.push(...figures);
  }

  /** Writes a row: means of the figures since the last one, and the state of the last step. */
  row(last: LastStep): LogRow {
    const figures = Object.fromEntries(FIGURES.map((name, at) => {
      const sum = this.#pending.reduce((total, step) => total + step[at]!, 0);
      return [name, sum / this.#pending.length];
    })) as Record<Extract<LogColumn, typeof FIGURES[number]>, number>;
    this.#pending = [];
    const row: LogRow = {
      ...figures,
      step: last.step,
      epoch: last.epoch,
      chance_z: this.#chance.z,
      chance_s: this.#chance.s,
      chance_ns: this.#chance.ns,
      alignment: alignment(last.queries, last.keys),
      uniformity: uniformity(last.queries),
      effective_rank: effectiveRank(last.queries),
      learning_rate: last.learningRate,
      ema_momentum: last.emaMomentum,
    };
    this.rows.push(row);
    return row;
  }

  /** What a checkpoint has to hold. */
  state(): LogState {
    return { rows: this.rows, pending: this.#pending, knn: this.knn, mask: this.mask };
  }
}
