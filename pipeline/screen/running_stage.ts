/**
 * How far a running stage has come, in words and as a bar.
 *
 * @module
 */
import { amount, duration, rate } from "./duration.ts";
import type { RateMeter } from "./rate_meter.ts";

/** A stage that runs, as far as it has reported. */
export interface RunningStage {
  /** Its name. */
  readonly id: string;
  /** Fed with its reports. */
  readonly meter: RateMeter;
  /** Seconds on the clock of whoever shows it. */
  readonly started: number;
  /** Of {@link total}; both 0 until it reports. */
  done: number;
  /** 0 while it is not known. */
  total: number;
  /** What is counted, such as `clips`. */
  unit: string;
}

/** Columns that figures may take behind a name and a bar. */
const FIGURES = 55;

/**
 * ` 40 % (1,080 of 2,700 clips, 3.2 clips/s, 8 min 3 s left)`.
 *
 * @param now Seconds on the clock that the stage's start was taken from.
 */
export function figures({ started, meter, done, total, unit }: RunningStage, now: number): string {
  if (total <= 0) return `${duration(now - started)} so far`;
  const percent = Math.floor((100 * Math.min(done, total)) / total);
  const speed = meter.perSecond;
  const left = meter.left(now);
  const parts = [
    `${amount(done)} of ${amount(total)} ${unit}`,
    speed === undefined ? "" : rate(speed, unit),
    left === undefined || done >= total ? "" : `${duration(left)} left`,
  ];
  return `${String(percent).padStart(3)} % (${parts.filter((part) => part !== "").join(", ")})`;
}

/**
 * A line for each stage, with a bar where there is room for one.
 *
 * @param now Seconds on the clock that the stages' starts were taken from.
 * @param width Columns that no line exceeds.
 */
export function stageLines(
  stages: readonly RunningStage[],
  now: number,
  width: number,
): readonly string[] {
  // Stages of a matrix have long names.
  const names = Math.min(Math.floor(width / 2), Math.max(...stages.map(({ id }) => id.length)));
  const bars = Math.max(0, Math.min(30, width - names - FIGURES));
  return stages.map((stage) => {
    const share = stage.total > 0 ? Math.min(1, stage.done / stage.total) : 0;
    const full = Math.floor(share * bars);
    const bar = bars < 5 || stage.total <= 0
      ? ""
      : `[${"#".repeat(full)}${"-".repeat(bars - full)}] `;
    return cut(`${cut(stage.id, names).padEnd(names)}  ${bar}${figures(stage, now)}`, width);
  });
}

function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}
