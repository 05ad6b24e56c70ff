/**
 * The long layout as Markdown: a line for each row and kind of classifier.
 *
 * @module
 */
import { shortProbeName } from "../results/probe_names.ts";
import {
  fewSubjectNotes,
  gainTable,
  gainTableNotes,
  indicativeNotes,
  levelNotes,
  range,
  repeatNotes,
} from "./claim_notes.ts";
import type { Comparison } from "./comparison.ts";
import type { Line } from "./lines.ts";
import { publishedNotes, publishedText, settingLines } from "./published.ts";
import { figureText, gridLines, wrap } from "./text_grid.ts";
import { trainingNotes } from "./training_notes.ts";

/** Columns that are there where a line has something in them. */
const OPTIONAL: readonly {
  readonly heading: string;
  readonly is: (line: Line) => boolean;
  readonly of: (line: Line) => string;
}[] = [
  {
    heading: "subjects",
    is: ({ bootstrap }) => bootstrap.few_subjects && bootstrap.by_subject !== undefined,
    of: ({ bootstrap: { by_subject } }) =>
      by_subject === undefined ? "-" : range(by_subject.interval),
  },
  {
    heading: "one, two",
    is: ({ mutual }) => mutual !== undefined,
    of: ({ one_person: one, mutual: two }) =>
      one === undefined || two === undefined
        ? "-"
        : `${one.last.toFixed(1)}, ${two.last.toFixed(1)}`,
  },
  {
    heading: "published",
    is: ({ reference }) => reference !== undefined,
    of: publishedText,
  },
];

/** The whole text, ending in a newline. */
export function longMarkdown(comparison: Comparison): string {
  const { title, lines } = comparison;
  const optional = OPTIONAL.filter(({ is }) => lines.some(is));
  const header = [
    "features",
    "protocol",
    "last",
    "best on test",
    "top-5",
    "interval",
    ...optional.map(({ heading }) => heading),
    "clips",
    "level",
  ];
  const body = lines.map((line) => [
    rowTitle(line),
    protocolName(line, comparison),
    figureText(line.last),
    line.best?.value.toFixed(1) ?? "-",
    line.top5.value.toFixed(1),
    line.last.interval === undefined ? "-" : range(line.last.interval),
    ...optional.map(({ of }) => of(line)),
    String(line.test),
    line.claim?.level ?? "-",
  ]);
  const name = (line: Pick<Line, "title" | "probe" | "split">) => lineName(line, comparison);
  return [
    `# ${title}`,
    "",
    wrap(opening(comparison)),
    "",
    ...gridLines(header, [...body, ...chanceRows(comparison, optional.length)], 2),
    ...gainTable(comparison.gains),
    ...settingLines(lines, name),
    "",
    ...longNotes(comparison).map((note) => wrap(note, "- ")),
    "",
  ].join("\n");
}

/** What has to be said below the table. */
export function longNotes(comparison: Comparison): string[] {
  const { lines, gains } = comparison;
  const name = (line: Pick<Line, "title" | "probe" | "split">) => lineName(line, comparison);
  return [
    ...trainingNotes(comparison),
    ...gainTableNotes(gains),
    "last: at the protocol's own last epoch, ± one standard error (binomial). best on test: at the epoch that was best on the test " +
    "clips themselves, as the field's codes report; it is not to be had without them. interval: 95 " +
    `% of last, by bootstrap${
      lines.every(({ bootstrap }) => bootstrap.few_subjects)
        ? ""
        : " over test subjects, whole subjects drawn again"
    }. clips: those that test.`,
    ...fewSubjectNotes(lines).map((note) =>
      `${note} subjects: the interval over them, for what it is worth.`
    ),
    ...repeatNotes(lines),
    ...personsNote(lines),
    ...clipsNotes(lines, name),
    ...publishedNotes(lines, name),
    ...indicativeNotes(lines),
    ...levelNotes(lines, name),
  ];
}

/** A row's title, with the number of members it is the mean of. */
export function rowTitle({ title, members }: Pick<Line, "title" | "members">): string {
  return members > 1 ? `${title} ×${members}` : title;
}

/** A line's classifier, with the split where the table has several. */
export function protocolName(
  { probe, split }: Pick<Line, "probe" | "split">,
  { lines }: Pick<Comparison, "lines">,
): string {
  const several = new Set(lines.map((line) => line.split)).size > 1;
  return several ? `${shortProbeName(probe)}; ${split}` : shortProbeName(probe);
}

function lineName(line: Pick<Line, "title" | "probe" | "split">, comparison: Comparison): string {
  const one = comparison.lines.filter(({ title }) => title === line.title).length === 1;
  return one ? line.title : `${line.title} (${protocolName(line, comparison)})`;
}

function opening({ lines }: Comparison): string {
  const sets = new Map(lines.map((line) => [
    [line.split, line.test, line.classes].join(),
    `${line.split}, ${line.test} test clips of ${line.classes} classes`,
  ]));
  return `Top-1 accuracy in percent. Split ${[...sets.values()].join("; ")}.`;
}

/** Chance on each set of test clips. */
function chanceRows({ chances, lines }: Comparison, optional: number): string[][] {
  return chances.map(({ split, test, chance }) => [
    "chance",
    new Set(lines.map((line) => line.split)).size > 1 ? split : "",
    chance.uniform.toFixed(1),
    "-",
    chance.uniform_top5.toFixed(1),
    "-",
    ...Array.from({ length: optional }, () => "-"),
    String(test),
    "-",
  ]);
}

/** What the column of one-person and mutual classes holds. */
function personsNote(lines: readonly Line[]): string[] {
  const some = lines.find(({ mutual }) => mutual !== undefined);
  if (some === undefined) return [];
  return [
    `one, two: last on the classes of one person (${
      some.one_person!.n
    } clips) and on those of two ` +
    `people (${some.mutual!.n}).`,
  ];
}

/** How many clips an epoch really used, where that is not all that train. */
function clipsNotes(lines: readonly Line[], name: (line: Line) => string): string[] {
  const list = lines.flatMap((line) => {
    const used = line.clips_per_epoch;
    if (used === undefined || used.length === 0 || hasNoEpochs(line)) return [];
    const [least, most] = [Math.min(...used), Math.max(...used)];
    if (least >= line.train) return [];
    return [`${name(line)} ${least === most ? least : `${least} to ${most}`} of ${line.train}`];
  });
  return list.length === 0 ? [] : [`Clips really used per epoch: ${list.join("; ")}.`];
}

function hasNoEpochs({ best }: Line): boolean {
  return best === undefined;
}
