/**
 * Heat maps of shares, such as confusion matrices, as SVG text. Cells of one colour are one path, so
 * that a map of 120 x 120 cells stays a small file.
 *
 * @module
 */
import { needsLightText, shareColor } from "./palette.ts";
import { element, fitText, INK, round2, svgDocument, text, textWidth } from "./svg.ts";

/** A heat map. */
export interface HeatMap {
  readonly title: string;
  /** What the map shows, in a sentence, for people who cannot see it. */
  readonly description: string;
  /** What the rows are. */
  readonly rowLabel: string;
  /** What the columns are. */
  readonly columnLabel: string;
  /** Row names; their number is the number of rows. */
  readonly rows: readonly string[];
  /** Column names. */
  readonly columns: readonly string[];
  /** Shares between 0 and 1, row after row; NaN for a row without data. */
  readonly values: ArrayLike<number>;
  /** What a share of 1 means, below the colour bar. */
  readonly legend: string;
}

/** Colours are taken in this many steps: finer ones cannot be told apart. */
const LEVELS = 40;
const NAME_WIDTH = 150, LEGEND_HEIGHT = 54;

/**
 * Draws a heat map. Cells of at least 22 pixels (up to about 24 columns) also state their share in
 * percent; with more classes every n-th name is written.
 *
 * @returns An SVG document; the same input gives the same bytes.
 * @throws {RangeError} If the values do not fill rows times columns.
 */
export function heatMap(map: HeatMap): string {
  const [rows, columns] = [map.rows.length, map.columns.length];
  if (map.values.length !== rows * columns) {
    throw new RangeError(
      `heat map: ${rows} rows and ${columns} columns need ${rows * columns} values, ` +
        `${map.values.length} were given`,
    );
  }
  const cell = Math.max(4, Math.min(30, Math.floor(540 / Math.max(rows, columns, 1))));
  const widest = (list: readonly string[]) =>
    Math.ceil(Math.max(0, ...list.map((name) => textWidth(name, 11))));
  const names = Math.min(NAME_WIDTH, 16 + widest(map.rows));
  const left = 30 + names, top = 52;
  const [plotWidth, plotHeight] = [cell * columns, cell * rows];
  const below = 14 + Math.min(NAME_WIDTH, widest(map.columns));
  const width = left + 24 +
    Math.max(plotWidth, 190 + textWidth(map.legend, 11), textWidth(map.title, 16));
  const height = top + plotHeight + below + 22 + LEGEND_HEIGHT;

  const body = [
    text(left, 26, map.title, { size: 15, weight: "bold", fill: INK.strong }),
    ...drawCells(map, left, top, cell),
    element("rect", {
      x: left - 0.5,
      y: top - 0.5,
      width: plotWidth + 1,
      height: plotHeight + 1,
      fill: "none",
      stroke: INK.faint,
    }),
    ...drawNames(map, left, top, cell, names),
    text(16, top + plotHeight / 2, map.rowLabel, { anchor: "middle", rotate: -90 }),
    text(left + plotWidth / 2, top + plotHeight + below + 10, map.columnLabel, {
      anchor: "middle",
    }),
    ...drawLegend(left, top + plotHeight + below + 30, map.legend),
  ];
  return svgDocument({ width, height, title: map.title, description: map.description }, body);
}

function level(value: number): number {
  return Number.isFinite(value) ? Math.round(Math.min(Math.max(value, 0), 1) * LEVELS) : 0;
}

function drawCells(map: HeatMap, left: number, top: number, cell: number): string[] {
  const [rows, columns] = [map.rows.length, map.columns.length];
  const paths = new Map<number, string>();
  const numbers: string[] = [];
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns;) {
      const shade = level(map.values[r * columns + c]!);
      let end = c + 1;
      while (end < columns && level(map.values[r * columns + end]!) === shade) end++;
      if (shade > 0) {
        const run = `M${left + c * cell} ${top + r * cell}h${(end - c) * cell}v${cell}h-${
          (end - c) * cell
        }z`;
        paths.set(shade, (paths.get(shade) ?? "") + run);
      }
      c = end;
    }
    if (cell < 22) continue;
    for (let c = 0; c < columns; c++) {
      const value = map.values[r * columns + c]!;
      if (!(value >= 0.005)) continue;
      numbers.push(
        text(left + (c + 0.5) * cell, top + (r + 0.5) * cell + 4, String(Math.round(value * 100)), {
          size: 11,
          anchor: "middle",
          fill: needsLightText(value) ? "#ffffff" : INK.strong,
        }),
      );
    }
  }
  return [
    element("rect", {
      x: left,
      y: top,
      width: cell * columns,
      height: cell * rows,
      fill: shareColor(0),
    }),
    ...[...paths].sort((a, b) => a[0] - b[0]).map(([shade, d]) =>
      element("path", { d, fill: shareColor(shade / LEVELS) })
    ),
    ...numbers,
  ];
}

function drawNames(
  map: HeatMap,
  left: number,
  top: number,
  cell: number,
  width: number,
): string[] {
  const step = Math.max(1, Math.ceil(12 / cell));
  const markup: string[] = [];
  map.rows.forEach((name, r) => {
    if (r % step !== 0) return;
    markup.push(
      text(left - 6, top + (r + 0.5) * cell + 4, fitText(name, width - 8, 11), {
        size: 11,
        anchor: "end",
      }),
    );
  });
  map.columns.forEach((name, c) => {
    if (c % step !== 0) return;
    markup.push(
      text(
        left + (c + 0.5) * cell + 4,
        top + cell * map.rows.length + 7,
        fitText(name, NAME_WIDTH, 11),
        { size: 11, anchor: "end", rotate: -90 },
      ),
    );
  });
  return markup;
}

function drawLegend(left: number, top: number, legend: string): string[] {
  const steps = 40, width = 160;
  const bar = Array.from({ length: steps }, (_, i) =>
    element("rect", {
      x: left + (i * width) / steps,
      y: top,
      // A little overlap, so that no hairline shows between the steps.
      width: width / steps + (i < steps - 1 ? 0.5 : 0),
      height: 10,
      fill: shareColor((i + 0.5) / steps),
    }));
  return [
    ...bar,
    element("rect", { x: left, y: top, width, height: 10, fill: "none", stroke: INK.faint }),
    text(left, top + 23, "0", { size: 11, anchor: "middle" }),
    text(left + width, top + 23, "100 %", { size: 11, anchor: "middle" }),
    text(round2(left + width + 30), top + 10, legend, { size: 11 }),
  ];
}
