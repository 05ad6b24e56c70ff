/**
 * Medians and spreads of measurements, and their table.
 *
 * @module
 */
import type { BenchResult, Measurement } from "./suite.ts";

/** Middle value; the mean of the two middle ones of an even number. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** One measurement's median and extremes. */
export interface Spread {
  readonly name: string;
  readonly by: string;
  readonly unit: string;
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
  /** Median over the median of the last of the same name (the peer); absent for that one itself. */
  readonly ratio?: number;
}

/** Medians, extremes and ratios to the peer of the same name. */
export function spreads(measurements: readonly Measurement[]): Spread[] {
  return measurements.map(({ name, by, unit, values }) => {
    const peer = measurements.findLast((other) => other.name === name && other.by !== by);
    const own: Spread = {
      name,
      by,
      unit,
      median: median(values),
      lowest: Math.min(...values),
      highest: Math.max(...values),
    };
    return by === "skelrun" && peer !== undefined
      ? { ...own, ratio: own.median / median(peer.values) }
      : own;
  });
}

/** The table that people read. */
export function benchText({ measurements, notes }: BenchResult): string {
  const head = ["measured", "by", "median", "lowest", "highest", "unit", "ratio to peer"];
  const rows = spreads(measurements).map((row) => [
    row.name,
    row.by,
    ...[row.median, row.lowest, row.highest].map((value) => value.toPrecision(3)),
    row.unit,
    row.ratio === undefined ? "" : row.ratio.toPrecision(3),
  ]);
  const widths = head.map((_, i) => Math.max(...[head, ...rows].map((row) => row[i]!.length)));
  const lines = [head, ...rows].map((row) =>
    row.map((cell, i) => cell.padEnd(widths[i]!)).join("  ").trimEnd()
  );
  return [...lines, ...notes.map((note) => `note: ${note}`), ""].join("\n");
}
