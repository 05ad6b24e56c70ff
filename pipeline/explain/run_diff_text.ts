/**
 * What differs between two runs, as text.
 *
 * @module
 */
import { duration } from "../screen/duration.ts";
import { moment } from "../screen/moment.ts";
import { plainTable } from "../screen/plain_table.ts";
import { metricText } from "../screen/results_table.ts";
import type { MetricDifference, RunDifference } from "./run_diff.ts";
import type { NamedRun } from "../history/run_reference.ts";
import { listed } from "../suggest.ts";

/** Rows of one kind that are shown, unless all are asked for. */
const ROWS = 30;
/** Differences of one stage that are shown, unless all are asked for. */
const OF_STAGE = 8;

/**
 * The whole text, with a line break at its end.
 *
 * @param all Show every row, however many.
 */
export function runDiffText(
  old: NamedRun,
  now: NamedRun,
  found: RunDifference,
  all: boolean,
): string {
  const shown = (rows: readonly string[]) =>
    all || rows.length <= ROWS
      ? rows
      : [...rows.slice(0, ROWS), `  and ${rows.length - ROWS} more (--all shows them)`];
  const section = (title: string, rows: readonly string[]) =>
    rows.length === 0 ? [] : [[title, ...shown(rows)].join("\n")];
  const parts = [
    plainTable([runRow("old", old), runRow("new", now)]),
    ...section("went in", changedRows(found, all)),
    ...section("came out", metricRows(found, old, now)),
    ...section(
      "ended",
      found.statuses.map(({ stage, old, new: now }) => `  ${stage}: ${old} -> ${now}`),
    ),
    ...section("only in the old run", found.onlyOld.map((id) => `  ${id}`)),
    ...section("only in the new run", found.onlyNew.map((id) => `  ${id}`)),
  ];
  const nothing = parts.length === 1;
  parts.push(sameText(found, nothing));
  return `${parts.join("\n\n")}\n`;
}

function runRow(side: string, { number, id, experiment, started, status, seconds }: NamedRun) {
  return [side, `#${number}`, id, experiment, moment(started), `${status} in ${duration(seconds)}`];
}

/** Stages that differ in the same way share a row. */
function changedRows({ changed, follows, unknown }: RunDifference, all: boolean): string[] {
  const groups = new Map<string, string[]>();
  for (const { stage, differences, sameOutputs } of changed) {
    const shown = all ? differences : differences.slice(0, OF_STAGE);
    const more = differences.length - shown.length;
    const text = [
      ...shown.map(({ text }) => text),
      ...more > 0 ? [`and ${more} more (--all shows them)`] : [],
      ...sameOutputs ? ["its outputs are the same all the same"] : [],
    ].join("\n    ");
    groups.set(text, [...groups.get(text) ?? [], stage]);
  }
  const rows = [...groups].map(([text, ids]) => `  ${listed(ids, 4)}\n    ${text}`);
  if (follows.length > 0) rows.push(`  and what follows from it: ${listed(follows, 6)}`);
  if (unknown.length > 0) {
    rows.push(`  differs, but the record of one is gone: ${listed(unknown, 6)}`);
  }
  return rows;
}

function metricRows({ metrics }: RunDifference, old: NamedRun, now: NamedRun): string[] {
  if (metrics.length === 0) return [];
  const rows = metrics.map((metric) => [
    `${metric.stage}.${metric.metric}`,
    metric.old === undefined ? "-" : metricText(metric.old),
    metric.new === undefined ? "-" : metricText(metric.new),
    differenceText(metric),
  ]);
  const table = [["", `#${old.number}`, `#${now.number}`, "difference"], ...rows];
  const widths = [1, 2, 3].map((c) => Math.max(...table.map((row) => row[c]!.length)));
  return plainTable(
    table.map(([name, ...cells]) => [`  ${name}`, ...cells.map((c, i) => c.padStart(widths[i]!))]),
  ).split("\n");
}

function differenceText({ difference }: MetricDifference): string {
  if (difference === undefined) return "";
  return `${difference > 0 ? "+" : ""}${metricText(difference)}`;
}

function sameText({ same, sameMetrics }: RunDifference, nothing: boolean): string {
  const stages = `${same} ${same === 1 ? "stage" : "stages"}`;
  if (nothing) return `Nothing differs: the same ${stages}.`;
  const figures = sameMetrics === 0 ? "" : `, and ${sameMetrics} figures of the others`;
  return `the same in both: ${stages}${figures}`;
}
