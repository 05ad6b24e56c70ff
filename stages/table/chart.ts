/**
 * A comparison as a bar chart with 95 % intervals.
 *
 * @module
 */
import { barChart, type BarGroup } from "../charts/bar_chart.ts";
import { SERIES_COLORS } from "../charts/palette.ts";
import { range } from "./claim_notes.ts";
import type { Column, Comparison, Figure } from "./comparison.ts";
import type { Line } from "./lines.ts";
import { protocolName, rowTitle } from "./long_markdown.ts";
import { rowName } from "./markdown.ts";
import { figureText } from "./text_grid.ts";

const SERIES: readonly (readonly [Column, string])[] = [
  ["linear_last", "linear, last"],
  ["linear_best", "linear, best on test"],
  ["converged", "linear, converged"],
];

/** The chart of the comparison's layout; SVG text. */
export function tableChart(comparison: Comparison): string {
  return comparison.layout === "long" ? longChart(comparison) : wideChart(comparison);
}

/** Top-1 accuracies of all rows with their intervals, and chance as a line. */
function wideChart(comparison: Comparison): string {
  const groups = comparison.rows.map((row) => ({
    name: rowName(row),
    bars: SERIES.flatMap(([column], series) => {
      const figure = row.figures[column];
      if (figure === undefined) return [];
      return [{ series, ...barOf(figure) }];
    }),
  }));
  return drawn(comparison, groups, SERIES.map(([, name]) => name));
}

/**
 * A group for each kind of classifier and split, in it a bar for each row that has it; the other way
 * round where there are more rows than colours.
 */
function longChart(comparison: Comparison): string {
  const { lines } = comparison;
  const row = rowTitle, protocol = (line: Line) => protocolName(line, comparison);
  const many = new Set(lines.map(row)).size > SERIES_COLORS;
  const [group, bar] = many ? [row, protocol] : [protocol, row];
  const series = [...new Set(lines.map(bar))];
  const groups = new Map<string, Line[]>();
  for (const line of lines) groups.set(group(line), [...(groups.get(group(line)) ?? []), line]);
  return drawn(
    comparison,
    [...groups].map(([name, members]) => ({
      name,
      bars: members.map((line) => ({
        series: series.indexOf(bar(line)),
        ...barOf(line.last),
        ...(line.reference === undefined ? {} : { mark: line.reference.value }),
      })),
    })),
    series,
  );
}

function barOf(figure: Figure) {
  return {
    value: figure.value,
    ...(figure.interval === undefined
      ? { error: figure.standard_error, label: figureText(figure) }
      : {
        interval: figure.interval,
        label: `${figure.value.toFixed(1)} (${range(figure.interval)})`,
      }),
  };
}

function drawn(comparison: Comparison, groups: readonly BarGroup[], series: readonly string[]) {
  const { chances, lines, layout, title } = comparison;
  const spoken = groups.map((group) =>
    `${group.name}: ${group.bars.map((bar) => `${series[bar.series]!} ${bar.label}`).join(", ")}`
  );
  const levels = [...new Set(chances.map(({ chance }) => chance.uniform.toFixed(1)))];
  const units = lines.some(({ bootstrap }) => bootstrap.few_subjects) ? "clips" : "subjects";
  const splits = [...new Set(lines.map(({ split }) => split))].join(", ");
  const tests = [...new Set(chances.map(({ test }) => test))].join(" or ");
  return barChart({
    title: `${title}, ${splits}`,
    description: `Top-1 accuracy in percent${
      layout === "long" ? " at the last epoch" : ""
    } on ${tests} test clips. ${spoken.join(". ")}. Chance ${levels.join(", ")}.`,
    x: { label: `top-1 accuracy, % (bars: 95 % interval, bootstrap over test ${units})` },
    series,
    groups,
    ...(groups.some(({ bars }) => bars.some(({ mark }) => mark !== undefined))
      ? { mark: "published" }
      : {}),
    references: levels.map((level) => ({ name: `chance ${level}`, value: Number(level) })),
  });
}
