/**
 * Published numbers beside measured ones: the column, the settings of both, and what is doubtful.
 *
 * @module
 */
import type { Line } from "./lines.ts";
import { gridLines, points } from "./text_grid.ts";

/** The cell of a published number with the difference from it, such as `80.3 (−2.1)`. */
export function publishedText({ reference }: Pick<Line, "reference">): string {
  return reference === undefined
    ? "-"
    : `${reference.value.toFixed(1)} (${points(reference.difference)})`;
}

/** The settings behind each line that has a published number, and behind that number. */
export function settingLines(lines: readonly Line[], name: (line: Line) => string): string[] {
  const shown = lines.filter(({ reference }) => reference !== undefined);
  if (shown.length === 0) return [];
  const header = ["setting", "frames", "width", "hidden", "graph", "epoch", "stream weights"];
  const body = shown.flatMap((line) => {
    const { frames, width, hidden_dim, graph, epoch, ensemble } = line.reference!;
    const { setting } = line;
    return [
      [
        `${name(line)}`,
        text(setting.frames),
        text(setting.width),
        text(setting.hidden_dim),
        setting.width === undefined ? "-" : "inward/outward",
        "last",
        line.probe === "ensemble" ? "fixed" : "-",
      ],
      [
        `published: ${line.reference!.source}`,
        text(frames),
        text(width),
        text(hidden_dim),
        text(graph),
        text(epoch),
        text(ensemble),
      ],
    ];
  });
  return ["", ...gridLines(header, body, 1)];
}

/** What has to be said of published numbers. */
export function publishedNotes(lines: readonly Line[], name: (line: Line) => string): string[] {
  const shown = lines.filter(({ reference }) => reference !== undefined);
  if (shown.length === 0) return [];
  const best = shown.flatMap((line) =>
    line.reference!.difference_best === undefined
      ? []
      : [`${name(line)} ${points(line.reference!.difference_best)}`]
  );
  return [
    "published: the number that was read where the settings say, and in brackets how far the last " +
    "epoch is from it. Published numbers of this field are mostly those of the epoch that was best " +
    `on the test set${best.length === 0 ? "" : `; from that: ${best.join("; ")}`}.`,
    ...(shown.some(({ reference }) => reference!.doubtful)
      ? [
        "NTU 120's second published number is doubtful: the released code splits by camera where " +
        "published columns say cross-setup, and the distance of this method's two numbers is unlike " +
        "that of any other method. It may be a number of the camera split.",
      ]
      : []),
  ];
}

function text(value: string | number | undefined): string {
  return value === undefined ? "unknown" : String(value);
}
