/**
 * Horizontal grouped bars with error bars, as SVG text.
 *
 * @module
 */
import { type Axis, bottomAxis, fitScale, type Scale } from "./axes.ts";
import type { Reference } from "./line_chart.ts";
import { seriesStyle } from "./palette.ts";
import { BACKGROUND, element, fitText, INK, round2, svgDocument, text, textWidth } from "./svg.ts";

/** One bar. */
export interface Bar {
  /** Which of the chart's series it belongs to, from 0: its colour and its name in the legend. */
  readonly series: number;
  readonly value: number;
  /** Half the length of its error bar; none unless told. */
  readonly error?: number;
  /** Ends of an error bar that need not be symmetric; in place of `error`. */
  readonly interval?: readonly [number, number];
  /** A value of another origin to mark on the bar's line, such as a published one. */
  readonly mark?: number;
  /** What stands behind the bar, such as `71.2 ± 1.9`. */
  readonly label: string;
}

/** Bars that belong together. */
export interface BarGroup {
  readonly name: string;
  readonly bars: readonly Bar[];
}

/** A bar chart. */
export interface BarChart {
  readonly title: string;
  /** What the chart shows, in a sentence, for people who cannot see it. */
  readonly description: string;
  /** The bars' quantity; its axis begins at 0 unless `domain` says otherwise. */
  readonly x: Axis;
  readonly series: readonly string[];
  readonly groups: readonly BarGroup[];
  /** What the bars' marks are; for the legend. */
  readonly mark?: string;
  /** Vertical lines that mark known values. */
  readonly references?: readonly Reference[];
}

const WIDTH = 760, NAME_WIDTH = 190, VALUE_WIDTH = 100, BAR = 16, GROUP_GAP = 16, LEGEND_ROW = 18;

/**
 * Draws a bar chart.
 *
 * @returns An SVG document; the same input gives the same bytes.
 */
export function barChart(chart: BarChart): string {
  const names = Math.min(
    NAME_WIDTH,
    20 + Math.max(0, ...chart.groups.map((g) => textWidth(g.name))),
  );
  const all = chart.groups.flatMap((g) => g.bars);
  const labels = Math.max(VALUE_WIDTH, ...all.map((b) => 14 + textWidth(b.label, 11)));
  const left = names, plotWidth = WIDTH - left - labels;
  const ends = all.flatMap((b) => [endsOf(b)[1], b.mark ?? 0]);
  const values = [0, ...ends, ...(chart.references ?? []).map((r) => r.value)];
  const x = fitScale(chart.x, values, [left, left + plotWidth], 6);

  const body = [text(20, 26, chart.title, { size: 15, weight: "bold", fill: INK.strong })];
  const legend = drawLegend(chart.series, chart.mark, 44);
  body.push(...legend.markup);
  const referenceRow = (chart.references ?? []).length > 0 ? 18 : 0;
  const top = 44 + legend.height + referenceRow;
  const bars: string[] = [];
  let y = top + GROUP_GAP / 2;
  for (const group of chart.groups) {
    const height = BAR * group.bars.length;
    bars.push(
      text(left - 10, y + height / 2 + 4, fitText(group.name, names - 12), {
        anchor: "end",
        weight: "bold",
      }),
    );
    for (const [i, bar] of group.bars.entries()) bars.push(...drawBar(bar, x, y + i * BAR));
    y += height + GROUP_GAP;
  }
  const area = { left, top, width: plotWidth, height: y - GROUP_GAP / 2 - top };
  const grid = x.ticks.map((tick) =>
    element("path", {
      d: `M${round2(tick.at)} ${round2(top)}v${round2(area.height)}`,
      stroke: INK.grid,
    })
  );
  const references = (chart.references ?? []).filter((r) => x.shows(r.value)).flatMap((r) => [
    element("path", {
      d: `M${round2(x.at(r.value))} ${round2(top - 4)}v${round2(area.height + 4)}`,
      stroke: INK.text,
      "stroke-dasharray": "5 4",
    }),
    text(x.at(r.value), top - 8, r.name, { size: 11, fill: INK.text }),
  ]);
  body.push(...grid, ...bars, ...references, ...bottomAxis(area, x, chart.x.label));
  const height = area.top + area.height + 50;
  return svgDocument(
    { width: WIDTH, height, title: chart.title, description: chart.description },
    body,
  );
}

function drawLegend(series: readonly string[], mark: string | undefined, top: number) {
  const markup: string[] = [];
  let [x, y] = [20, top];
  for (const [i, name] of series.entries()) {
    const needs = 18 + textWidth(name) + 18;
    if (x > 20 && x + needs > WIDTH) [x, y] = [20, y + LEGEND_ROW];
    markup.push(
      element("rect", { x, y, width: 11, height: 11, fill: seriesStyle(i).color }),
      text(x + 17, y + 10, name),
    );
    x += needs;
  }
  if (mark !== undefined) {
    if (x > 20 && x + 36 + textWidth(mark) > WIDTH) [x, y] = [20, y + LEGEND_ROW];
    markup.push(diamond(x + 6, y + 5.5), text(x + 17, y + 10, mark));
  }
  return { markup, height: y - top + LEGEND_ROW + 6 };
}

/** A mark, light around the edge so that it shows on every colour. */
function diamond(x: number, y: number): string {
  return element("path", {
    d: `M${round2(x - 5)} ${round2(y)}l5 -5l5 5l-5 5z`,
    fill: INK.strong,
    stroke: BACKGROUND,
    "stroke-width": 1.2,
  });
}

/** Ends of a bar's error bar; both its value where it has none. */
function endsOf({ value, error = 0, interval }: Bar): readonly [number, number] {
  return interval ?? [value - error, value + error];
}

function drawBar(bar: Bar, x: Scale, y: number): string[] {
  if (!x.shows(bar.value)) return [];
  const [zero, end] = [x.at(0), x.at(bar.value)];
  const middle = y + BAR / 2;
  const markup = [
    element("rect", {
      x: Math.min(zero, end),
      y: y + 1.5,
      width: Math.abs(end - zero),
      height: BAR - 3,
      fill: seriesStyle(bar.series).color,
    }),
  ];
  const [least, most] = endsOf(bar);
  if (most > least) {
    const [low, high] = [x.at(least), x.at(most)];
    const d = `M${round2(low)} ${round2(middle)}H${round2(high)}` +
      `M${round2(low)} ${round2(middle - 4)}v8M${round2(high)} ${round2(middle - 4)}v8`;
    // Light under dark, so that the bar shows on its own colour and beyond its end.
    markup.push(
      element("path", { d, fill: "none", stroke: BACKGROUND, "stroke-width": 3 }),
      element("path", { d, fill: "none", stroke: INK.strong, "stroke-width": 1.3 }),
    );
  }
  if (bar.mark !== undefined && x.shows(bar.mark)) markup.push(diamond(x.at(bar.mark), middle));
  const furthest = Math.max(bar.value, most, bar.mark ?? 0);
  markup.push(
    text(x.at(furthest) + (furthest === bar.mark ? 11 : 6), middle + 4, bar.label, { size: 11 }),
  );
  return markup;
}
