/**
 * A comparison as Markdown that is also a readable table in a terminal of 100 columns.
 *
 * @module
 */
import { standardError } from "../statistics/binomial.ts";
import {
  fewSubjectNotes,
  gainNotes,
  indicativeNotes,
  levelNotes,
  personNotes,
  range,
  subjectIntervalNotes,
} from "./claim_notes.ts";
import type { Column, Comparison, ComparisonRow } from "./comparison.ts";
import type { Line } from "./lines.ts";
import { longMarkdown, longNotes } from "./long_markdown.ts";
import { publishedNotes, publishedText, settingLines } from "./published.ts";
import { figureText, gridLines, wrap } from "./text_grid.ts";
import { trainingNotes } from "./training_notes.ts";

/** Headings of the columns that are shown; the nearest neighbour stands below the table. */
const HEADINGS: readonly (readonly [Column, string])[] = [
  ["linear_last", "linear, last"],
  ["linear_best", "best on test"],
  ["linear_top5", "last, top-5"],
  ["converged", "converged"],
  ["converged_top5", "conv. top-5"],
];

/** The whole text in the comparison's layout, ending in a newline. */
export function markdownTable(comparison: Comparison): string {
  return comparison.layout === "long" ? longMarkdown(comparison) : wideMarkdown(comparison);
}

function wideMarkdown(comparison: Comparison): string {
  const { title, protocol, test, train, classes } = comparison;
  return [
    `# ${title}`,
    "",
    wrap(
      `Split ${protocol}: ${train} training and ${test} test clips of ${classes} classes. ` +
        `Accuracy in percent, ± one standard error (binomial, ${test} clips).`,
    ),
    "",
    ...tableLines(comparison),
    ...settingLines(comparison.lines, named),
    "",
    ...notes(comparison).map((note) => wrap(note, "- ")),
    "",
  ].join("\n");
}

function tableLines(comparison: Comparison): string[] {
  const published = comparison.lines.filter(({ reference }) => reference !== undefined);
  const more = (cell: string) => published.length === 0 ? [] : [cell];
  const body = comparison.rows.map((row) => [
    markedName(row),
    ...HEADINGS.map(([column]) => figureText(row.figures[column])),
    ...more(publishedText(published.find(({ input }) => input === row.input) ?? {})),
  ]);
  const { uniform, uniform_top5 } = comparison.chance;
  const guess = (value: number) =>
    figureText({ value, standard_error: standardError(value, comparison.test) });
  const chance = [
    "chance",
    ...HEADINGS.map(([column]) => guess(column.endsWith("top5") ? uniform_top5 : uniform)),
    ...more("-"),
  ];
  const header = ["features", ...HEADINGS.map(([, heading]) => heading), ...more("published")];
  return gridLines(header, [...body, chance]);
}

/** A row's name with its level as a badge. */
function markedName(row: ComparisonRow): string {
  return row.claim === undefined ? rowName(row) : `${rowName(row)} [${row.claim.level}]`;
}

/** A row's title, with the number of members it is the mean of. */
export function rowName({ title, members }: ComparisonRow): string {
  return members > 1 ? `${title} ×${members}` : title;
}

/** What has to be said below the table. */
export function notes(comparison: Comparison): string[] {
  return comparison.layout === "long" ? longNotes(comparison) : wideNotes(comparison);
}

function wideNotes(comparison: Comparison): string[] {
  const { rows, chance } = comparison;
  const converged = comparison.lines.filter(({ probe }) => probe === "linear_converged");
  const found = [
    ...trainingNotes(comparison),
    ...gainNotes(comparison.gains),
    "linear: the released probe, SGD at learning rate 3 on raw features. last: after the last " +
    "epoch. best on test: at the epoch that was best on the test clips themselves. converged: ridge " +
    "on standardised features, strength chosen over training subjects; compare rows by this one.",
  ];
  for (const row of rows.filter((row) => row.members > 1)) {
    const spread = (column: Column) => row.figures[column]?.spread?.toFixed(1) ?? "-";
    found.push(
      `${rowName(row)}: mean of ${row.members} ${
        row.cells > 1
          ? `results from ${row.cells} cells${axesOf(row, converged)}`
          : "initialisations"
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
  found.push(
    ...intervalNotes(converged),
    ...fewSubjectNotes(converged),
    ...subjectIntervalNotes(converged, named),
    ...personNotes(converged, named),
    ...publishedNotes(comparison.lines, named),
    ...indicativeNotes(converged),
    ...levelNotes(converged, named),
  );
  return found;
}

/** The axes along which the cells of a row differ, in brackets. */
function axesOf({ input }: ComparisonRow, lines: readonly Line[]): string {
  const axes = lines.find((line) => line.input === input)?.axes ?? [];
  return axes.length === 0 ? "" : ` (${axes.join(", ")})`;
}

/** Of the converged probe, the only line of a row that the wide layout's notes speak of. */
function named({ title }: Pick<Line, "title">): string {
  return title;
}

function intervalNotes(lines: readonly Line[]): string[] {
  const list = lines.flatMap(({ title, last: { interval } }) =>
    interval === undefined ? [] : [`${title} ${range(interval)}`]
  );
  return list.length === 0 ? [] : [
    `95 % intervals of the converged probe, bootstrap over test ${
      lines.some(({ bootstrap }) => bootstrap.few_subjects) ? "clips" : "subjects"
    }: ${list.join("; ")}.`,
  ];
}
