/**
 * Medians and spreads of measurements, and their table.
 *
 * @module
 */
import { plainTable } from "../screen/plain_table.ts";
import type { BenchResult, Measurement } from "./suite.ts";

/** Middle value; the mean of the two middle ones of an even number. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** One measurement's median and extremes. */
export interface Spread {
  /** What was measured. */
  readonly name: string;
  /** At what. */
  readonly by: string;
  /** Of the figures. */
  readonly unit: string;
  /** Of all rounds. */
  readonly median: number;
  /** Of all rounds. */
  readonly lowest: number;
  /** Of all rounds. */
  readonly highest: number;
  /**
   * For a peer: how many times as fast as it skelrun is, the median over the rounds; above 1 skelrun
   * is faster.
   */
  readonly speedup?: number;
  /** The slowest and the fastest of these. */
  readonly speedups?: readonly [number, number];
  /** As in {@link Measurement}. */
  readonly goal?: number;
  /** Whether that is reached. */
  readonly reached?: boolean;
}

/** Of one round: rates compare one way, times the other. */
function speedup(own: number, peer: number, unit: string): number {
  return unit.endsWith("/s") ? own / peer : peer / own;
}

/** Medians, extremes, and skelrun's speed over that of each peer of the same name. */
export function spreads(measurements: readonly Measurement[]): Spread[] {
  return measurements.map((measurement) => {
    const { name, by, unit, values, goal } = measurement;
    const row: Spread = {
      name,
      by,
      unit,
      median: median(values),
      lowest: Math.min(...values),
      highest: Math.max(...values),
    };
    const against = speedups(measurement, measurements);
    const compared: Partial<Spread> = against === undefined ? {} : {
      speedup: median(against),
      speedups: [Math.min(...against), Math.max(...against)],
    };
    if (goal === undefined) return { ...row, ...compared };
    const found = compared.speedup ?? row.median;
    const more = against !== undefined || unit.endsWith("/s");
    return { ...row, ...compared, goal, reached: more ? found >= goal : found <= goal };
  });
}

/** How many times as fast as a peer skelrun was, round by round; undefined where there is nothing to compare. */
function speedups(
  { name, by, unit, values }: Measurement,
  measurements: readonly Measurement[],
): number[] | undefined {
  const own = measurements.find((other) => other.name === name && other.by === "skelrun");
  if (own === undefined || by === "skelrun") return undefined;
  return own.values.length === values.length
    ? own.values.map((value, i) => speedup(value, values[i]!, unit))
    : [speedup(median(own.values), median(values), unit)];
}

/** The table that people read. */
export function benchText({ measurements, notes }: BenchResult): string {
  const found = spreads(measurements);
  const goals = found.some(({ goal }) => goal !== undefined);
  const digits = (value: number) => value.toPrecision(3);
  const speed = ({ speedup, speedups }: Spread) => {
    if (speedup === undefined) return "";
    const [least, most] = speedups!.map(digits);
    return least === most ? digits(speedup) : `${digits(speedup)} (${least} to ${most})`;
  };
  const goal = ({ goal, reached }: Spread) =>
    goal === undefined ? "" : `${goal}${reached ? ", reached" : ", missed"}`;
  const head = ["measured", "by", "median", "lowest", "highest", "unit", "skelrun's speed / its"];
  const rows = found.map((row) => [
    row.name,
    row.by,
    ...[row.median, row.lowest, row.highest].map(digits),
    row.unit,
    speed(row),
    ...(goals ? [goal(row)] : []),
  ]);
  const table = plainTable([goals ? [...head, "goal"] : head, ...rows]);
  return [table, ...notes.map((note) => `note: ${note}`), ""].join("\n");
}
