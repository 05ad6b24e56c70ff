/**
 * What has to be said below a table of how far its numbers go: intervals, repeats, levels, published
 * numbers.
 *
 * @module
 */
import { shortProbeName } from "../results/probe_names.ts";
import type { Gain } from "./gains.ts";
import { FEWEST_SEEDS } from "./levels.ts";
import type { Line } from "./lines.ts";
import { count, gridLines, points } from "./text_grid.ts";

/** A line's row and classifier in words; the classifier only where a table has several. */
export type LineName = (line: Pick<Line, "title" | "probe" | "split">) => string;

/** Differences of trained rows from controls, as the long layout shows them: a table of their own. */
export function gainTable(gains: readonly Gain[]): string[] {
  if (gains.length === 0) return [];
  const header = ["row", "minus", "protocol", "points", "95 % interval", "above 0"];
  const body = gains.map(({ row, control, probe, gain, interval: [low, high] }) => [
    row,
    control,
    shortProbeName(probe),
    points(gain),
    `${points(low)} to ${points(high)}`,
    low > 0 ? "yes" : gain > 0 ? "not clearly" : "no",
  ]);
  return ["", ...gridLines(header, body, 3)];
}

/** What is behind the table of differences. */
export function gainTableNotes(gains: readonly Gain[]): string[] {
  if (gains.length === 0) return [];
  return [
    `Differences are of the last epoch, on the same test clips: paired bootstrap over ${
      unitsOf(gains)
    }. Where one is not above 0, nothing has been learnt beyond that control.`,
  ];
}

function unitsOf(gains: readonly Gain[]): string {
  return [...new Set(gains.map(({ by, units }) => `${units} test ${by}s`))].join(" or ");
}

/** Differences of trained rows from controls, as the wide layout tells them. */
export function gainNotes(gains: readonly Gain[]): string[] {
  if (gains.length === 0) return [];
  const lines = gains.map((gain) => {
    const [low, high] = gain.interval;
    const verdict = low > 0
      ? "above 0"
      : gain.gain > 0
      ? "not clearly above 0"
      : "not above 0: nothing has been learnt beyond it";
    return `${gain.row} minus ${gain.control}: ${points(gain.gain)} points, 95 % interval ${
      points(low)
    } to ${points(high)}, ${verdict}.`;
  });
  return [
    `Differences are of the converged probe, on the same test clips: paired bootstrap over ${
      unitsOf(gains)
    }.`,
    ...lines,
  ];
}

/** Says of rows of few subjects that they are few. */
export function fewSubjectNotes(lines: readonly Line[]): string[] {
  const few = lines.filter(({ bootstrap }) => bootstrap.few_subjects);
  if (few.length === 0) return [];
  const counts = [...new Set(few.map(({ bootstrap }) => bootstrap.subjects))].join(" or ");
  return [
    `${counts} test ${counts === "1" ? "subject is" : "subjects are"} too few to say how people ` +
    "differ: intervals are a bootstrap over clips, and too narrow for other people.",
  ];
}

/** Intervals over subjects, where they are too few to be drawn from. */
export function subjectIntervalNotes(lines: readonly Line[], name: LineName): string[] {
  const list = lines.flatMap((line) => {
    const { by_subject, few_subjects } = line.bootstrap;
    return few_subjects && by_subject !== undefined
      ? [`${name(line)} ${range(by_subject.interval)}`]
      : [];
  });
  return list.length === 0 ? [] : [`Over subjects they are: ${list.join("; ")}.`];
}

/** Accuracy on classes of one person and of two, where a data set has both. */
export function personNotes(lines: readonly Line[], name: LineName): string[] {
  const list = lines.flatMap((line) => {
    const { one_person: one, mutual: two } = line;
    if (one === undefined || two === undefined) return [];
    return [`${name(line)} ${one.last.toFixed(1)} and ${two.last.toFixed(1)}`];
  });
  const some = lines.find(({ mutual }) => mutual !== undefined);
  if (some === undefined) return [];
  return [
    `On classes of one person (${some.one_person!.n} clips) and of two people ` +
    `(${some.mutual!.n}): ${list.join("; ")}.`,
  ];
}

/** Which rows rest on few pre-trainings. */
export function indicativeNotes(lines: readonly Line[]): string[] {
  const rows = new Map<string, number>();
  for (const { title, indicative, seeds } of lines) {
    if (indicative) rows.set(title, Math.min(rows.get(title) ?? Infinity, seeds!));
  }
  if (rows.size === 0) return [];
  const list = [...rows].map(([title, seeds]) => `${title} (${count(seeds, "seed")})`);
  return [`Indicative, with fewer than ${FEWEST_SEEDS} seeds of the training: ${list.join(", ")}.`];
}

/** What the levels mean, and why each row has the one it has. */
export function levelNotes(lines: readonly Line[], name: LineName): string[] {
  const claims = lines.flatMap((line) => line.claim === undefined ? [] : [{ line, ...line.claim }]);
  if (claims.length === 0) return [];
  const reasons = new Map<string, Line[]>();
  for (const { line, level, reason } of claims) {
    const key = `${level}, ${reason}`;
    reasons.set(key, [...(reasons.get(key) ?? []), line]);
  }
  const rows = new Set(claims.map(({ line }) => line.title)).size;
  const list = [...reasons].map(([reason, own]) =>
    own.length === claims.length && rows > 1
      ? `all rows: ${reason}`
      : `${rowsIn(own, lines, name).join("; ")}: ${reason}`
  );
  const none = claims.every(({ level }) => level !== "R") ? " Nothing here is a reproduction." : "";
  return [
    "Levels. P: the arithmetic is that of the released code, and no more is claimed. S: real " +
    "recordings, above every control by the paired interval. R: a full run on the paper's data, at " +
    `least ${FEWEST_SEEDS} seeds, within their spread of the published number.${none}`,
    ...list.map((text) => `${text}.`),
  ];
}

/** Some lines in words: a row that is there with all its lines by its title alone. */
function rowsIn(own: readonly Line[], all: readonly Line[], name: LineName): string[] {
  const whole = (title: string) =>
    all.filter((line) => line.title === title).every((line) => own.includes(line));
  return [...new Set(own.map((line) => whole(line.title) ? line.title : name(line)))];
}

/** What repeats differ in. */
export function repeatNotes(lines: readonly Line[]): string[] {
  const seen = new Set<string>();
  return lines.flatMap(({ title, members, cells, axes, varied, seeds, last, probe }) => {
    if (members < 2 || seen.has(title)) return [];
    seen.add(title);
    const encoders = seeds === undefined ? [] : [count(seeds, "training")];
    const inside = [...axes, ...encoders].join(", ");
    const grid = cells > 1
      ? ` from ${cells} cells (${inside})`
      : encoders.length > 0
      ? ` (${encoders})`
      : "";
    const differ = varied.length === 0 ? "" : `, which differ in ${varied.join(" and ")}`;
    return [
      `${title} ×${members}: mean of ${members} results${grid}${differ}; their standard ` +
      `deviation is ${last.spread?.toFixed(1) ?? "-"} points (${shortProbeName(probe)}, last).`,
    ];
  });
}

/** Such as `52.1–67.4`. */
export function range([low, high]: readonly [number, number]): string {
  return `${low.toFixed(1)}–${high.toFixed(1)}`;
}
