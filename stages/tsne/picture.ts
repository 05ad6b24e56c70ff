/**
 * The picture of a t-SNE: a panel an input, classes by colour, shape and number, and the figures that
 * the picture cannot give.
 *
 * @module
 */
import {
  BACKGROUND,
  element,
  fitText,
  INK,
  round2,
  svgDocument,
  text,
  textWidth,
} from "../charts/svg.ts";
import { classStyle, shapePath } from "./class_styles.ts";

/** One panel. */
export interface PicturePanel {
  readonly title: string;
  /** Points in the plane, n each. */
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** Lines below the panel. */
  readonly caption: readonly string[];
}

/** A picture. */
export interface Picture {
  readonly title: string;
  /** What the picture shows, for people who cannot see it. */
  readonly description: string;
  readonly panels: readonly PicturePanel[];
  /** Classes of the points, n. */
  readonly labels: Int32Array;
  /** Names of all classes; empty where there are none. */
  readonly classNames: readonly string[];
  /** Classes of the data set, with a point or not. */
  readonly classes: number;
  /** Sentences below it all. */
  readonly notes: readonly string[];
}

const MARGIN = 24, GAP = 26, LINE = 15, TOP = 44, HEADING = 20, LEGEND_ROW = 16;

/**
 * Draws a picture.
 *
 * @returns An SVG document; the same input gives the same bytes.
 */
export function drawPicture(picture: Picture): string {
  const { panels } = picture;
  const columns = Math.min(3, panels.length === 4 ? 2 : panels.length);
  const side = columns === 1 ? 560 : columns === 2 ? 400 : 320;
  const width = 2 * MARGIN + columns * side + (columns - 1) * GAP;
  const body = [
    text(MARGIN, 27, fitText(picture.title, width - 2 * MARGIN, 16), {
      size: 15,
      weight: "bold",
      fill: INK.strong,
    }),
  ];
  const captions = panels.map(({ caption }) => caption.flatMap((line) => wrapped(line, side, 11)));
  let top = TOP;
  for (let from = 0; from < panels.length; from += columns) {
    const row = panels.slice(from, from + columns);
    row.forEach((panel, c) => {
      const left = MARGIN + c * (side + GAP);
      body.push(
        text(left, top + 12, fitText(panel.title, side), { weight: "bold" }),
        ...drawPoints(picture, panel, left, top + HEADING, side),
        ...captions[from + c]!.map((line, i) =>
          text(left, top + HEADING + side + 17 + i * LINE, line, { size: 11 })
        ),
      );
    });
    const lines = Math.max(...captions.slice(from, from + columns).map(({ length }) => length));
    top += HEADING + side + 17 + lines * LINE + 12;
  }
  const legend = drawLegend(picture, top, width);
  body.push(...legend.markup);
  top += legend.height;
  for (const note of picture.notes.flatMap((line) => wrapped(line, width - 2 * MARGIN, 11))) {
    body.push(text(MARGIN, top + 12, note, { size: 11, fill: INK.faint }));
    top += LINE;
  }
  const { title, description } = picture;
  return svgDocument({ width, height: top + 16, title, description }, body);
}

/** Points in a square frame, with each class's number where its points are thickest. */
function drawPoints(
  { labels, classes }: Picture,
  { x, y }: PicturePanel,
  left: number,
  top: number,
  side: number,
): string[] {
  const n = labels.length;
  const [lowX, highX] = endsOf(x), [lowY, highY] = endsOf(y);
  const span = Math.max(highX - lowX, highY - lowY) || 1;
  const room = side - 28;
  // One scale for both axes: distances in the plane are what t-SNE is about.
  const px = (i: number) => left + side / 2 + room * (x[i]! - (lowX + highX) / 2) / span;
  const py = (i: number) => top + side / 2 - room * (y[i]! - (lowY + highY) / 2) / span;
  const r = Math.min(4, Math.max(1.8, side / 7 / Math.sqrt(n)));
  const byClass = [...Map.groupBy(labels.keys(), (i) => labels[i]!)].sort(([a], [b]) => a - b);
  return [
    element("rect", { x: left, y: top, width: side, height: side, fill: "none", stroke: INK.grid }),
    ...byClass.map(([label, members]) => {
      const { color, shape } = classStyle(label, classes);
      const d = members.map((i) => shapePath(shape, px(i), py(i), r)).join("");
      return element("path", { d, fill: color, "fill-opacity": 0.75 });
    }),
    element(
      "g",
      {
        "paint-order": "stroke",
        stroke: BACKGROUND,
        "stroke-width": 2,
        "stroke-linejoin": "round",
      },
      ...byClass.map(([label, members]) => {
        const i = thickest(members, x, y, span);
        return text(px(i), py(i) - r - 2, String(label + 1), {
          size: classes > 28 ? 9 : 12,
          weight: "bold",
          anchor: "middle",
          fill: INK.strong,
        });
      }),
    ),
  ];
}

function endsOf(values: Float64Array): readonly [number, number] {
  let low = Infinity, high = -Infinity;
  for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
  return [low, high];
}

/** The point of a class with most of its class near by, within about a twentieth of the picture. */
function thickest(
  members: readonly number[],
  x: Float64Array,
  y: Float64Array,
  span: number,
): number {
  const near = (span / 20) ** 2;
  let best = members[0]!, most = -1;
  for (const i of members) {
    let sum = 0;
    for (const j of members) sum += 1 / (near + (x[i]! - x[j]!) ** 2 + (y[i]! - y[j]!) ** 2);
    if (sum > most) [best, most] = [i, sum];
  }
  return best;
}

/** Every class with its style, number and name, in columns. */
function drawLegend({ labels, classNames, classes }: Picture, top: number, width: number) {
  const present = [...new Set(labels)].sort((a, b) => a - b);
  const nameOf = (label: number) =>
    classNames[label] === undefined ? `${label + 1}` : `${label + 1} ${classNames[label]}`;
  const widest = Math.max(...present.map((label) => textWidth(nameOf(label), 11)));
  const room = width - 2 * MARGIN;
  const cell = Math.min(Math.max(widest + 26, 44), Math.max(44, room / 5));
  const columns = Math.max(1, Math.floor(room / cell));
  const rows = Math.ceil(present.length / columns);
  const markup = present.flatMap((label, at) => {
    const left = MARGIN + Math.floor(at / rows) * (room / columns);
    const y = top + (at % rows) * LEGEND_ROW + 10;
    const { color, shape } = classStyle(label, classes);
    return [
      element("path", { d: shapePath(shape, left + 5, y - 4, 4), fill: color }),
      text(round2(left + 14), y, fitText(nameOf(label), room / columns - 18, 11), { size: 11 }),
    ];
  });
  return { markup, height: rows * LEGEND_ROW + 14 };
}

/** A sentence in lines of a width. */
function wrapped(sentence: string, width: number, size: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of sentence.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line !== "" && textWidth(longer, size) > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line];
}
