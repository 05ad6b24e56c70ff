/**
 * The log of trainings with labels: one row an epoch.
 *
 * @module
 */

/** An epoch of one member in one fold. */
export interface LogRow {
  readonly member: string;
  readonly fold: string;
  /** 1-based. */
  readonly epoch: number;
  /** Mean cross-entropy of the epoch's batches, each before its step. */
  readonly loss: number;
  /** Of the epoch's last step. */
  readonly learning_rate: number;
  /** Percent of up to 512 training clips as they are stored, in eval mode; null where nobody asked. */
  readonly train_top1: number | null;
  /** Percent of the fold's test clips; null where nobody asked. */
  readonly test_top1: number | null;
}

const COLUMNS = [
  "member",
  "fold",
  "epoch",
  "loss",
  "learning_rate",
  "train_top1",
  "test_top1",
] as const;

/** `log.csv`: a header and one line a row; numbers with up to nine significant digits. */
export function logCsv(rows: readonly LogRow[]): string {
  const lines = rows.map((row) => COLUMNS.map((column) => cell(row[column])).join(","));
  return [COLUMNS.join(","), ...lines].join("\n") + "\n";
}

function cell(value: string | number | null): string {
  if (value === null) return "";
  if (typeof value === "number") return String(Number(value.toPrecision(9)));
  return /[",\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}
