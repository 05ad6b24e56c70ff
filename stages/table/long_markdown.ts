/**
 * The long layout as Markdown: a line for each row and kind of classifier.
 *
 * @module
 */
import { probeName } from "../results/probe_names.ts";
import {
  fewSubjectNotes,
  gainNotes,
  indicativeNotes,
  levelNotes,
  personNotes,
  range,
  repeatNotes,
} from "./claim_notes.ts";
import type { Comparison } from "./comparison.ts";
import type { Line } from "./lines.ts";
import { publishedNotes, publishedText, settingLines } from "./published.ts";
import { gridLines, wrap } from "./text_grid.ts";
import { trainingNotes } from "./training_notes.ts";

/** The whole text, ending in a newline. */
export function longMarkdown(comparison: Comparison): string {
  const { title, lines } = comparison;
  const published = lines.some(({ reference }) => reference !== undefined);
  const header = [
    "features",
    "protocol",
    "last",
    "best on test",
    "top-5",
    "95 % interval",
    ...(published ? ["published"] : []),
    "test clips",
    "level",
  ];
  const body = lines.map((line) => [
    rowTitle(line),
    protocolName(line, comparison),
    line.last.value.toFixed(1),
    line.best?.value.toFixed(1) ?? "-",
    line.top5.value.toFixed(1),
    line.last.interval === undefined ? "-" : range(line.last.interval),
    ...(published ? [publishedText(line)] : []),
    String(line.test),
    line.claim?.level ?? "-",
  ]);
  const name = (line: Pick<Line, "title" | "probe" | "split">) => lineName(line, comparison);
  return [
    `# ${title}`,
    "",
    wrap(opening(comparison)),
    "",
    ...gridLines(header, [...body, ...chanceRows(comparison, published)], 2),
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
    ...gainNotes(gains, "long"),
    "last: at the protocol's own last epoch. best on test: at the epoch that was best on the test " +
    "clips themselves, as the field's codes report; it is not to be had without them. 95 % " +
    "interval: of last, bootstrap over test subjects, whole subjects drawn again.",
    ...fewSubjectNotes(lines, name),
    ...repeatNotes(lines),
    ...personNotes(lines, name),
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
  return several ? `${probeName(probe)}; ${split}` : probeName(probe);
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
function chanceRows({ chances, lines }: Comparison, published: boolean): string[][] {
  return chances.map(({ split, test, chance }) => [
    "chance",
    new Set(lines.map((line) => line.split)).size > 1 ? split : "",
    chance.uniform.toFixed(1),
    "-",
    chance.uniform_top5.toFixed(1),
    "-",
    ...(published ? ["-"] : []),
    String(test),
    "-",
  ]);
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
