/**
 * A comparison as a bar chart.
 *
 * @module
 */
import { barChart } from "../charts/bar_chart.ts";
import type { Column, Comparison } from "./comparison.ts";
import { figureText, rowName } from "./markdown.ts";

const SERIES: readonly (readonly [Column, string])[] = [
  ["linear_last", "linear, last"],
  ["linear_best", "linear, best on test"],
  ["converged", "linear, converged"],
];

/** Top-1 accuracies of all rows with their standard errors, and chance as a line; SVG text. */
export function tableChart(comparison: Comparison): string {
  const groups = comparison.rows.map((row) => ({
    name: rowName(row),
    bars: SERIES.flatMap(([column], series) => {
      const figure = row.figures[column];
      if (figure === undefined) return [];
      return [{
        series,
        value: figure.value,
        error: figure.standard_error,
        label: figureText(figure),
      }];
    }),
  }));
  const spoken = groups.map((group) =>
    `${group.name}: ${group.bars.map((bar) => `${SERIES[bar.series]![1]} ${bar.label}`).join(", ")}`
  );
  const { uniform } = comparison.chance;
  return barChart({
    title: `${comparison.title}, ${comparison.protocol}`,
    description: `Top-1 accuracy in percent on ${comparison.test} test clips. ${
      spoken.join(". ")
    }. Chance ${uniform.toFixed(1)}.`,
    x: { label: "top-1 accuracy, % (bars: ± one standard error)" },
    series: SERIES.map(([, name]) => name),
    groups,
    references: [{ name: `chance ${uniform.toFixed(1)}`, value: uniform }],
  });
}
