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
}

/** Of one round: rates compare one way, times the other. */
function speedup(own: number, peer: number, unit: string): number {
  return unit.endsWith("/s") ? own / peer : peer / own;
}

/** Medians, extremes, and skelrun's speed over that of each peer of the same name. */
export function spreads(measurements: readonly Measurement[]): Spread[] {
  return measurements.map(({ name, by, unit, values }) => {
    const own = measurements.find((other) => other.name === name && other.by === "skelrun");
    const row: Spread = {
      name,
      by,
      unit,
      median: median(values),
      lowest: Math.min(...values),
      highest: Math.max(...values),
    };
    if (own === undefined || by === "skelrun") return row;
    const paired = own.values.length === values.length
      ? own.values.map((value, i) => speedup(value, values[i]!, unit))
      : [speedup(median(own.values), median(values), unit)];
    return { ...row, speedup: median(paired) };
  });
}

/** The table that people read. */
export function benchText({ measurements, notes }: BenchResult): string {
  const head = ["measured", "by", "median", "lowest", "highest", "unit", "skelrun's speed / its"];
  const rows = spreads(measurements).map((row) => [
    row.name,
    row.by,
    ...[row.median, row.lowest, row.highest].map((value) => value.toPrecision(3)),
    row.unit,
    row.speedup === undefined ? "" : row.speedup.toPrecision(3),
  ]);
  const table = plainTable([head, ...rows]);
  return [table, ...notes.map((note) => `note: ${note}`), ""].join("\n");
}
