/**
 * A comparison as Markdown that is also a readable table in a terminal of 100 columns.
 *
 * @module
 */
import { standardError } from "../statistics/binomial.ts";
import type { Column, Comparison, ComparisonRow, Figure, MaskSummary } from "./comparison.ts";

/** Headings of the columns that are shown; the nearest neighbour stands below the table. */
const HEADINGS: readonly (readonly [Column, string])[] = [
  ["linear_last", "linear, last"],
  ["linear_best", "best on test"],
  ["linear_top5", "last, top-5"],
  ["converged", "converged"],
  ["converged_top5", "conv. top-5"],
];
const WIDTH = 98;

/** The whole text, ending in a newline. */
export function markdownTable(comparison: Comparison): string {
  const { title, protocol, test, train, classes } = comparison;
  return [
    `# ${title}`,
    "",
    wrap(
      `Split ${protocol}: ${train} training and ${test} test clips of ${classes} classes. ` +
        `Accuracy in percent, ± one standard error (binomial, ${test} clips).`,
    ),
    "",
    ...gridLines(comparison),
    "",
    ...notes(comparison).map((note) => wrap(note, "- ")),
    "",
  ].join("\n");
}

function gridLines(comparison: Comparison): string[] {
  const header = ["features", ...HEADINGS.map(([, heading]) => heading)];
  const body = comparison.rows.map((row) => [
    escapeCell(rowName(row)),
    ...HEADINGS.map(([column]) => figureText(row.figures[column])),
  ]);
  const { uniform, uniform_top5 } = comparison.chance;
  const guess = (value: number) =>
    figureText({ value, standard_error: standardError(value, comparison.test) });
  const chance = [
    "chance",
    ...HEADINGS.map(([column]) => guess(column.endsWith("top5") ? uniform_top5 : uniform)),
  ];
  const grid = [header, ...body, chance];
  const widths = header.map((_, c) => Math.max(...grid.map((cells) => [...cells[c]!].length)));
  const lines = grid.map((cells) =>
    `| ${
      cells.map((cell, c) => c === 0 ? padEnd(cell, widths[c]!) : padStart(cell, widths[c]!))
        .join(" | ")
    } |`
  );
  const rule = `| ${
    widths.map((width, c) => c === 0 ? "-".repeat(width) : "-".repeat(width - 1) + ":").join(" | ")
  } |`;
  return [lines[0]!, rule, ...lines.slice(1)];
}

/** A row's title, with the number of members it is the mean of. */
export function rowName({ title, members }: ComparisonRow): string {
  return members > 1 ? `${title} ×${members}` : title;
}

/** An accuracy with its standard error, such as `71.2 ± 1.9`. */
export function figureText(figure: Figure | undefined): string {
  return figure === undefined
    ? "-"
    : `${figure.value.toFixed(1)} ± ${figure.standard_error.toFixed(1)}`;
}

/** What has to be said below the table. */
export function notes(comparison: Comparison): string[] {
  const { rows, chance } = comparison;
  const found = [
    ...trainingNotes(comparison),
    ...gainNotes(comparison),
    "linear: the released probe, SGD at learning rate 3 on raw features. last: after the last " +
    "epoch. best on test: at the epoch that was best on the test clips themselves. converged: ridge " +
    "on standardised features, strength chosen over training subjects; compare rows by this one.",
  ];
  for (const row of rows.filter((row) => row.members > 1)) {
    const spread = (column: Column) => row.figures[column]?.spread?.toFixed(1) ?? "-";
    found.push(
      `${rowName(row)}: mean of ${row.members} ${
        row.cells > 1 ? `results from ${row.cells} cells` : "initialisations"
      }, which differ by a standard deviation ` +
        `of ${spread("linear_last")} (linear, last), ${spread("linear_best")} (best on ` +
        `test) and ${spread("converged")} points (converged).`,
    );
  }
  const nearest = rows.filter((row) => row.figures.nn1 !== undefined);
  if (nearest.length > 0) {
    const list = nearest.map((row) => `${row.title} ${figureText(row.figures.nn1)}`).join(", ");
    found.push(`Nearest training clip (cosine of centred features): ${list}.`);
  }
  found.push(
    `chance: one in the ${chance.classes} classes that are tested. Always naming the most frequent ` +
      `one scores ${chance.majority.toFixed(1)}.`,
  );
  return found;
}

function trainingNotes({ training }: Comparison): string[] {
  if (training === undefined) return [];
  const { steps, batch, clips_seen, passes, loss, mask } = training;
  const state = loss === undefined
    ? ""
    : ` Its global loss L_z stands at ${loss.L_z.toFixed(2)}; a chance guess gives ` +
      `${loss.chance.toFixed(2)}.`;
  return [
    `Pre-training so far: ${count(steps, "step")} of batch ${batch}, ${clips_seen} clips seen ` +
    `(${
      count(Number(passes.toPrecision(2)), "pass", "passes")
    } over its training clips; the released ` +
    `setting makes 300).${state}`,
    ...(mask === undefined ? [] : [maskNote(mask)]),
  ];
}

/** Whether the attention mask is aware of parts, or a gate of channels. */
function maskNote({ shares, tokens, auc }: MaskSummary): string {
  // The sorted keys of JSON are no order for people.
  const order = ["channel", "joint", "frame", "clip", "residual"];
  const list = order.map((name) => `${name} ${(100 * (shares[name] ?? 0)).toFixed(1)} %`).join(
    ", ",
  );
  const found = auc === undefined
    ? ""
    : ` Its AUC for swapped against own tokens is ${auc.trained.toFixed(3)} (untrained ` +
      `${auc.untrained.toFixed(3)}, random ${auc.random.toFixed(3)}).`;
  return `The attention mask's variance: ${list}; between the tokens of a body ` +
    `${(100 * tokens).toFixed(1)} % (0 for a gate of channels).${found}`;
}

function gainNotes({ gains }: Comparison): string[] {
  const [first] = gains;
  if (first === undefined) return [];
  const lines = gains.map(({ row, control, gain, interval: [low, high] }) => {
    const verdict = low > 0
      ? "above 0"
      : gain > 0
      ? "not clearly above 0"
      : "not above 0: nothing has been learnt beyond it";
    return `${row} minus ${control}: ${points(gain)} points, 95 % interval ${points(low)} to ` +
      `${points(high)}, ${verdict}.`;
  });
  return [
    "Differences are of the converged probe, on the same test clips: paired bootstrap over " +
    `${first.units} test ${first.by}s.`,
    ...lines,
  ];
}

function points(value: number): string {
  const size = Math.abs(value).toFixed(1);
  return size === "0.0" ? size : `${value < 0 ? "−" : "+"}${size}`;
}

function count(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}

function escapeCell(cell: string): string {
  return cell.replaceAll("|", "\\|").replace(/\s+/g, " ");
}

function padStart(cell: string, width: number): string {
  return " ".repeat(Math.max(0, width - [...cell].length)) + cell;
}

function padEnd(cell: string, width: number): string {
  return cell + " ".repeat(Math.max(0, width - [...cell].length));
}

/** Breaks a paragraph into lines; later lines stand under the text of the first. */
function wrap(paragraph: string, bullet = ""): string {
  const indent = " ".repeat(bullet.length);
  const lines = [bullet];
  let fresh = true;
  for (const word of paragraph.split(" ")) {
    const line = lines.at(-1)!;
    if (!fresh && line.length + 1 + word.length > WIDTH) lines.push(indent + word);
    else lines[lines.length - 1] = line + (fresh ? "" : " ") + word;
    fresh = false;
  }
  return lines.join("\n");
}
