/**
 * Steps and those of peers as rows.
 *
 * @module
 */
import type { Measurement } from "../../../pipeline/bench/suite.ts";
import { median } from "../../statistics/median.ts";

/** A head, and a row for each measurement: rate, spread, and how many times as fast as the peer we are. */
export function stepRows(measurements: readonly Measurement[]): string[][] {
  const rows = measurements.map(({ name, by, unit, values, goal }) => {
    const own = measurements.find((other) => other.name === name && other.by === "skelrun");
    const [least, most] = [Math.min(...values), Math.max(...values)].map(digits);
    const rate = `${digits(median(values))} ${unit} (${least} to ${most})`;
    if (by === "skelrun" || own === undefined) return [name, by, rate, "", ""];
    const speedup = median(
      own.values.map((value, i) => unit.endsWith("/s") ? value / values[i]! : values[i]! / value),
    );
    const aim = goal === undefined
      ? ""
      : `${goal} x, ${speedup >= goal ? "reached" : "**missed**"}`;
    return [name, by, rate, `${digits(speedup)} x`, aim];
  });
  return [["what", "by", "speed", "skelrun's over its", "goal"], ...rows];
}

function digits(value: number): string {
  return value.toPrecision(3);
}
