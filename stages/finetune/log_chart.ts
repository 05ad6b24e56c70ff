/**
 * The chart of trainings with labels.
 *
 * @module
 */
import { lineChart, type Series } from "../charts/line_chart.ts";
import { mean } from "../statistics/moments.ts";
import type { LogRow } from "./log_row.ts";

/** More lines than this in a panel cannot be told apart: their mean is drawn. */
const MOST_LINES = 6;

type Figure = "loss" | "train_top1" | "test_top1";

/**
 * Draws loss and accuracies over the epochs as SVG: a line a member, the mean over its folds, or one mean
 * of all members where they are many.
 *
 * @param rows At least one.
 */
export function logChart(title: string, rows: readonly LogRow[]): string {
  const members = [...new Set(rows.map(({ member }) => member))];
  const groups = members.length > MOST_LINES / 2
    ? [{ name: `mean of ${members.length}`, rows }]
    : members.map((name) => ({ name, rows: rows.filter(({ member }) => member === name) }));
  const lines = (figure: Figure, what: string): Series[] =>
    groups.map((group) => ({
      name: groups.length === 1 && members.length === 1 ? what : `${what}, ${group.name}`,
      points: points(group.rows, figure),
    }));
  const last = rows.at(-1)!.epoch;
  const end = rows.filter(({ epoch }) => epoch === last);
  const test = mean(end.map(({ test_top1 }) => test_top1 ?? 0));
  return lineChart({
    title,
    description: `After ${last} epochs the loss is ${
      mean(end.map(({ loss }) => loss)).toFixed(3)
    } ` +
      `and ${test.toFixed(1)} percent of the test clips are right.`,
    x: { label: "epoch" },
    panels: [
      { title: "Loss", y: { label: "cross-entropy" }, series: lines("loss", "training") },
      {
        title: "Accuracy",
        y: { label: "percent" },
        series: [...lines("train_top1", "training clips"), ...lines("test_top1", "test clips")],
      },
    ],
    panelHeight: 200,
  });
}

/** The mean of a figure over the rows of each epoch that have it. */
function points(rows: readonly LogRow[], figure: Figure): [number, number][] {
  const byEpoch = new Map<number, number[]>();
  for (const row of rows) {
    const value = row[figure];
    if (value === null) continue;
    byEpoch.set(row.epoch, [...byEpoch.get(row.epoch) ?? [], value]);
  }
  return [...byEpoch].map(([epoch, values]) => [epoch, mean(values)]);
}
