/**
 * Line charts as SVG text: one or more panels above each other that share their horizontal axis.
 *
 * @module
 */
// @ts-types="@types/d3-shape"
import { line } from "d3-shape";
import { type Area, type Axis, bottomAxis, fitScale, leftAxis, type Scale } from "./axes.ts";
import { seriesStyle } from "./palette.ts";
import { BACKGROUND, element, fitText, INK, round2, svgDocument, text, textWidth } from "./svg.ts";

/** One line of a panel. */
export interface Series {
  readonly name: string;
  /** Pairs (x, y) in drawing order; a value that its axis cannot show (NaN, say) leaves a gap. */
  readonly points: readonly (readonly [number, number])[];
}

/** A horizontal line across a panel that marks a known value, such as a loss at chance. */
export interface Reference {
  readonly name: string;
  readonly value: number;
}

/** One plot area with its own vertical axis. */
export interface Panel {
  readonly title?: string;
  readonly y: Axis;
  readonly series: readonly Series[];
  readonly references?: readonly Reference[];
}

/** A line chart. */
export interface LineChart {
  readonly title: string;
  /** What the chart shows, in a sentence, for people who cannot see it. */
  readonly description: string;
  readonly x: Axis;
  readonly panels: readonly Panel[];
  /** Pixels; 720 unless told. */
  readonly width?: number;
  /** Pixels of each panel's plot area; 220 unless told. */
  readonly panelHeight?: number;
}

const LEFT = 64, RIGHT = 20, TITLE = 40, LEGEND_ROW = 18, GAP = 30, BOTTOM = 48;

/**
 * Draws a line chart.
 *
 * @returns An SVG document; the same input gives the same bytes.
 *
 * @example
 * ```ts
 * import { lineChart } from "./line_chart.ts";
 * const svg = lineChart({
 *   title: "Pre-training",
 *   description: "The global loss falls from its chance level over three epochs.",
 *   x: { label: "epoch" },
 *   panels: [{
 *     y: { label: "loss" },
 *     series: [{ name: "L_z", points: [[1, 5.5], [2, 4.1], [3, 3.2]] }],
 *     references: [{ name: "chance, ln(K+1)", value: Math.log(257) }],
 *   }],
 * });
 * ```
 */
export function lineChart(chart: LineChart): string {
  const width = chart.width ?? 720;
  const plotHeight = chart.panelHeight ?? 220;
  const plotWidth = width - LEFT - RIGHT;
  const xs = chart.panels.flatMap((p) => p.series.flatMap((s) => s.points.map((q) => q[0])));
  // Time runs from edge to edge: no rounding to whole ticks on the horizontal axis.
  const ends: [number, number] = [Math.min(...finite(xs)), Math.max(...finite(xs))];
  const x = fitScale(
    ends[0] < ends[1] ? { domain: ends, ...chart.x } : chart.x,
    xs,
    [LEFT, LEFT + plotWidth],
    Math.max(3, Math.round(plotWidth / 90)),
  );

  const body = [text(LEFT, 24, chart.title, { size: 15, weight: "bold", fill: INK.strong })];
  let top = TITLE;
  for (const panel of chart.panels) {
    const heading = drawHeading(panel, top, plotWidth);
    body.push(...heading.markup);
    const area: Area = {
      left: LEFT,
      top: top + heading.height,
      width: plotWidth,
      height: plotHeight,
    };
    body.push(...drawPanel(panel, area, x));
    const last = panel === chart.panels.at(-1);
    if (last) body.push(...bottomAxis(area, x, chart.x.label));
    else body.push(...bottomAxis(area, { ...x, ticks: [] }, ""));
    top = area.top + area.height + GAP;
  }
  const height = top - GAP + BOTTOM;
  return svgDocument({ width, height, title: chart.title, description: chart.description }, body);
}

function finite(values: readonly number[]): number[] {
  return values.filter((v) => Number.isFinite(v));
}

/** The panel's title and its legend, which wraps onto as many rows as it needs. */
function drawHeading(panel: Panel, top: number, width: number) {
  const markup: string[] = [];
  let y = top;
  if (panel.title !== undefined) {
    markup.push(text(LEFT, y + 12, panel.title, { weight: "bold" }));
    y += LEGEND_ROW + 2;
  }
  if (panel.series.length > 0) {
    let x = LEFT;
    for (const [i, series] of panel.series.entries()) {
      const name = fitText(series.name, width - 40);
      const needs = 34 + textWidth(name) + 16;
      if (x > LEFT && x + needs > LEFT + width) {
        x = LEFT;
        y += LEGEND_ROW;
      }
      const style = seriesStyle(i);
      markup.push(
        element("path", {
          d: `M${round2(x)} ${round2(y + 8)}h26`,
          stroke: style.color,
          "stroke-width": 2.5,
          "stroke-dasharray": style.dash,
        }),
        text(x + 33, y + 12, name),
      );
      x += needs;
    }
    y += LEGEND_ROW;
  }
  return { markup, height: y - top + 8 };
}

function drawPanel(panel: Panel, area: Area, x: Scale): string[] {
  const references = panel.references ?? [];
  const values = [
    ...panel.series.flatMap((s) => s.points.map((p) => p[1])),
    ...references.map((r) => r.value),
  ];
  const y = fitScale(panel.y, values, [area.top + area.height, area.top], 5);
  const markup = leftAxis(area, y, panel.y.label);
  for (const [i, series] of panel.series.entries()) {
    markup.push(...drawSeries(series, i, x, y));
  }
  markup.push(...drawReferences(references.filter((r) => y.shows(r.value)), area, y));
  if (!panel.series.some((s) => s.points.some((p) => x.shows(p[0]) && y.shows(p[1])))) {
    markup.push(
      text(area.left + area.width / 2, area.top + area.height / 2, "no data", {
        anchor: "middle",
        fill: INK.faint,
      }),
    );
  }
  return markup;
}

function drawSeries(series: Series, index: number, x: Scale, y: Scale): string[] {
  const style = seriesStyle(index);
  const shown = (p: readonly [number, number] | undefined) =>
    p !== undefined && x.shows(p[0]) && y.shows(p[1]);
  const path = line<readonly [number, number]>()
    .defined(shown)
    .x((p) => round2(x.at(p[0])))
    .y((p) => round2(y.at(p[1])))(series.points);
  const markup: string[] = [];
  if (path) {
    markup.push(element("path", {
      d: path,
      fill: "none",
      stroke: style.color,
      "stroke-width": 2,
      "stroke-linejoin": "round",
      "stroke-dasharray": style.dash,
    }));
  }
  // A point between two gaps has no line; a dot keeps it visible.
  series.points.forEach((p, i) => {
    if (!shown(p) || shown(series.points[i - 1]) || shown(series.points[i + 1])) return;
    markup.push(element("circle", { cx: x.at(p[0]), cy: y.at(p[1]), r: 3, fill: style.color }));
  });
  return markup;
}

/** Reference lines; names of lines that almost touch share one label. */
function drawReferences(references: readonly Reference[], area: Area, y: Scale): string[] {
  const sorted = [...references].sort((a, b) => y.at(a.value) - y.at(b.value));
  const groups: Reference[][] = [];
  for (const reference of sorted) {
    const group = groups.at(-1);
    if (group && y.at(reference.value) - y.at(group[0]!.value) < 14) group.push(reference);
    else groups.push([reference]);
  }
  const lines = sorted.map((r) =>
    element("path", {
      d: `M${round2(area.left)} ${round2(y.at(r.value))}h${round2(area.width)}`,
      stroke: INK.faint,
      "stroke-width": 1.2,
      "stroke-dasharray": "5 4",
    })
  );
  const labels = groups.map((group) => {
    const name = fitText(group.map((r) => r.name).join("; "), area.width - 20, 11);
    const at = y.at(group[0]!.value);
    const baseline = at - 5 < area.top + 8 ? y.at(group.at(-1)!.value) + 13 : at - 5;
    // A halo in the background's colour keeps the label readable where a line crosses it.
    return element(
      "g",
      { "paint-order": "stroke", stroke: BACKGROUND, "stroke-width": 3 },
      text(area.left + area.width - 4, baseline, name, {
        size: 11,
        anchor: "end",
        fill: INK.faint,
      }),
    );
  });
  return [...lines, ...labels];
}
