/**
 * Steps on their way from the device into the log.
 *
 * @module
 */
import { clone, dispose, getBackend, type Tensor2D } from "@tensorflow/tfjs-core";
import type { LogLevel } from "../../pipeline/stage.ts";
import { type RowMatrix, rowMatrix } from "../metrics/row_matrix.ts";
import type { StepOutput } from "../model/model_types.ts";
import { chanceMessage } from "./chance_watch.ts";
import { MOST_AHEAD, ReadPace } from "./read_pace.ts";
import { FigureRing } from "./step_figures.ts";
import type { LastStep, TrainingLog } from "./training_log.ts";

/** What a row of the log states of its last step beside what is on the device. */
export type RowMoment = Omit<LastStep, "queries" | "keys">;

/** What the log needs of the run. */
export interface StepLogOptions {
  /** Keys in the queue. */
  readonly queue: number;
  /** Clips in a batch. */
  readonly batch: number;
  /** Says a row, or what is wrong with it. */
  say(level: LogLevel, message: string): void;
}

interface WaitingRow {
  /** Place of its last step among those that wait. */
  readonly at: number;
  readonly moment: RowMoment;
  readonly queries: Tensor2D;
  readonly keys: Tensor2D;
}

/** Keeps what steps leave on the device, and writes the log when it is read. */
export class StepLog {
  /** Steps that the log knows of. */
  known: number;
  readonly #log: TrainingLog;
  readonly #options: StepLogOptions;
  readonly #ring: FigureRing;
  readonly #pace: ReadPace | undefined;
  #rows: WaitingRow[] = [];

  /** @param known Steps that the log knows of. */
  constructor(log: TrainingLog, known: number, options: StepLogOptions) {
    this.known = known;
    this.#log = log;
    this.#options = options;
    // Where steps are done when they return, figures are read for every row, and at once.
    this.#pace = getBackend() === "webgpu" ? new ReadPace() : undefined;
    this.#ring = new FigureRing(MOST_AHEAD);
  }

  /** Whether steps are recorded ahead of the device. */
  get ahead(): boolean {
    return this.#pace !== undefined;
  }

  /**
   * Takes what a step left, which stays the caller's.
   *
   * @param moment Of a step that ends a row.
   */
  add(out: StepOutput, moment?: RowMoment): void {
    if (moment !== undefined) {
      const [queries, keys] = [clone(out.q_z), clone(out.k_z)];
      this.#rows.push({ at: this.#ring.steps, moment, queries, keys });
    }
    this.#ring.add(out);
  }

  /** Whether it is time to {@link read}. */
  get due(): boolean {
    return this.#pace === undefined ? this.#rows.length > 0 : this.#ring.steps >= this.#pace.steps;
  }

  /**
   * Reads all that waits and writes the rows that it completes.
   *
   * @throws {Error} If a figure is not finite: the run has diverged.
   */
  async read(): Promise<void> {
    const rows = this.#rows;
    this.#rows = [];
    const tensors = rows.flatMap(({ queries, keys }) => [queries, keys]);
    const { figures, others } = await this.#ring.read(tensors);
    this.#pace?.read(figures.length);
    const matrixOf = (i: number): RowMatrix => rowMatrix(others[i]!, tensors[i]!.shape[1]);
    let row = 0;
    for (const [at, step] of figures.entries()) {
      this.#log.add([step], this.known++);
      if (rows[row]?.at !== at) continue;
      this.#write({
        ...rows[row]!.moment,
        queries: matrixOf(2 * row),
        keys: matrixOf(2 * row + 1),
      });
      row++;
    }
    dispose(tensors);
  }

  /** Frees everything. */
  dispose(): void {
    dispose(this.#rows.flatMap(({ queries, keys }) => [queries, keys]));
    this.#ring.dispose();
  }

  #write(last: LastStep): void {
    const { queue, batch, say } = this.#options;
    const { loss_z: z, loss_s: s, loss_ns: ns } = this.#log.row(last);
    say(
      "info",
      `step ${last.step}: L_z ${z.toFixed(4)} L_s ${s.toFixed(4)} L_ns ${ns.toFixed(4)}`,
    );
    const said = chanceMessage(this.#log.rows, queue, batch);
    if (said !== undefined) say("warn", said);
  }
}
