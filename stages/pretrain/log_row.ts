/**
 * One row of the training log: each loss beside its chance level, and what tells learning from
 * collapse.
 *
 * @module
 */

/** Columns of `log.csv`, in order. */
export const LOG_COLUMNS = [
  "step",
  "epoch",
  "loss_z",
  "chance_z",
  "loss_s",
  "chance_s",
  "loss_ns",
  "chance_ns",
  "positive_cosine_z",
  "negative_cosine_z",
  "positive_cosine_s",
  "negative_cosine_s",
  "positive_cosine_ns",
  "negative_cosine_ns",
  "alignment",
  "uniformity",
  "effective_rank",
  "learning_rate",
  "ema_momentum",
] as const;

/** Name of a column of `log.csv`. */
export type LogColumn = typeof LOG_COLUMNS[number];

/**
 * A row of the log. `step` counts the steps done; losses and cosines are means over the steps since
 * the row before; alignment, uniformity and effective rank are those of the last step's query
 * embeddings q_z (and their keys); the rates are those of the last step.
 */
export type LogRow = Readonly<Record<LogColumn, number>>;

/** Loss of a classifier that knows nothing, by term (method section 11b). */
export interface ChanceLevels {
  /** ln(K + 1): one positive, K negatives. */
  readonly z: number;
  /** ln(K + 2): K negatives and the other branch's embedding. */
  readonly s: number;
  /** ln(K + 2). */
  readonly ns: number;
}

/** Chance levels of the three losses for a queue of K keys. */
export function chanceLevels(queue: number): ChanceLevels {
  return { z: Math.log(queue + 1), s: Math.log(queue + 2), ns: Math.log(queue + 2) };
}

/** `log.csv`: a header and one line a row, numbers with up to nine significant digits. */
export function logCsv(rows: readonly LogRow[]): string {
  const lines = rows.map((row) => LOG_COLUMNS.map((column) => digits(row[column])).join(","));
  return [LOG_COLUMNS.join(","), ...lines].join("\n") + "\n";
}

/**
 * Reads `log.csv` back.
 *
 * @param file Its name, for errors.
 * @throws {Error} If the header or a line is not as {@link logCsv} writes them.
 */
export function parseLogCsv(text: string, file: string): readonly LogRow[] {
  const [header, ...lines] = text.trimEnd().split("\n");
  if (header !== LOG_COLUMNS.join(",")) {
    throw new Error(`${file}, line 1: expected the columns ${LOG_COLUMNS.join(",")}`);
  }
  return lines.map((line, i) => {
    const cells = line.split(",").map(Number);
    if (cells.length !== LOG_COLUMNS.length || cells.some(Number.isNaN)) {
      throw new Error(
        `${file}, line ${i + 2}: expected ${LOG_COLUMNS.length} numbers, found "${line}"`,
      );
    }
    return Object.fromEntries(LOG_COLUMNS.map((column, c) => [column, cells[c]!])) as LogRow;
  });
}

function digits(value: number): string {
  return String(Number(value.toPrecision(9)));
}
