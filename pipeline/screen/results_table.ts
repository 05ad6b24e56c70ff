/**
 * The table at the end of a run, and what became of the experiment's expectations.
 *
 * @module
 */
import { duration } from "./duration.ts";
import { foldedStages } from "./folded_stages.ts";
import { plainTable } from "./plain_table.ts";
import { listed } from "../suggest.ts";
import type { Expectation, RunSummary, StageSummary } from "../types.ts";

/** An expectation, and what the run says to it. */
export interface Verdict {
  /** From the experiment file. */
  readonly expectation: Expectation;
  /** The metric; absent when the stage did not report it. */
  readonly value?: number;
  /** The value is there and within the bounds. */
  readonly passed: boolean;
  /** Why there is no value: what the stage came to, or what it reports instead. */
  readonly why?: string;
}

/** Letters of a reason that the table shows. */
const MOST_REASON = 70;

/** Hex digits of a digest that the table shows. */
const SHORT = 12;

/**
 * A metric as the table shows it: four significant digits, whole numbers in full.
 *
 * @param value The metric.
 */
export function metricText(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
}

/**
 * Holds a run against the expectations of its experiment.
 *
 * @param expectations From the experiment file.
 * @param summary What the run came to.
 */
export function judged(
  expectations: readonly Expectation[],
  summary: RunSummary,
): readonly Verdict[] {
  const stages = new Map(summary.stages.map((stage) => [stage.id, stage]));
  return expectations.map((expectation) => {
    const stage = stages.get(expectation.stage);
    const value = stage?.metrics[expectation.metric];
    if (value === undefined) return { expectation, passed: false, why: whyNone(stage) };
    const passed = value >= (expectation.min ?? -Infinity) &&
      value <= (expectation.max ?? Infinity);
    return { expectation, value, passed };
  });
}

function whyNone(stage: StageSummary | undefined): string {
  if (stage === undefined) return "there is no such stage";
  if (stage.status !== "ran" && stage.status !== "cached") return `${stage.id} ${stage.status}`;
  return `${stage.id} reports: ${listed(Object.keys(stage.metrics))}`;
}

/** A verdict in words: `pass  linear.top1_converged = 61.2 (expected 20 to 100)`. */
export function verdictText({ expectation, value, passed, why = "" }: Verdict): string {
  const { stage, metric, min, max } = expectation;
  const bounds = min !== undefined && max !== undefined
    ? `${min} to ${max}`
    : min !== undefined
    ? `at least ${min}`
    : `at most ${max}`;
  const found = value === undefined ? "was not reported" : `= ${metricText(value)}`;
  const because = why === "" ? "" : `; ${why}`;
  return `${passed ? "pass" : "FAIL"}  ${stage}.${metric} ${found} (expected ${bounds}${because})`;
}

function cells(stage: StageSummary): readonly string[] {
  const digests = stage.outputs.map(({ name, digest }) =>
    stage.outputs.length === 1 ? digest.slice(0, SHORT) : `${name} ${digest.slice(0, SHORT)}`
  );
  const metrics = Object.entries(stage.metrics)
    .map(([name, value]) => `${name} ${metricText(value)}`);
  if (stage.otherDevice !== undefined) metrics.push(`result of ${stage.otherDevice}`);
  return [
    stage.id,
    stage.accepted === undefined ? stage.status : `${stage.status} (accepted)`,
    stage.status === "cached" || stage.status === "skipped" ? "" : duration(stage.seconds),
    digests.join("\n"),
    stage.reason === undefined ? metrics.join("\n") : brief(stage.reason),
  ];
}

/** The first line of a reason, cut to what a table can hold; the whole was shown when it happened. */
function brief(reason: string): string {
  const line = reason.split("\n")[0]!;
  return line.length > MOST_REASON ? `${line.slice(0, MOST_REASON - 3)}...` : line;
}

const HEAD = ["stage", "state", "time", "output", "metrics"];

/**
 * The table of a run.
 *
 * @param summary What the run came to.
 * @param columns Width of the terminal, for lines around the cells where they fit, and with the stages
 * of a long run folded; without one, plain aligned text of all of them.
 */
export async function resultsTable(summary: RunSummary, columns?: number): Promise<string> {
  if (columns === undefined) return `${plainTable([HEAD, ...summary.stages.map(cells)])}\n`;
  const { shown, rest } = foldedStages(summary.stages);
  const rows = shown.map(cells);
  // Loaded where it is needed: it takes as long as all else of a small run.
  const { boxedTable } = await import("./boxed_table.ts");
  const boxed = boxedTable(HEAD, rows);
  const fits = boxed.split("\n").every((line) => line.length <= columns);
  return `${fits ? boxed : plainTable([HEAD, ...rows])}\n${rest === "" ? "" : `${rest}\n`}`;
}
