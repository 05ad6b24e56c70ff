/**
 * Which stages of a long run a terminal shows, and a line for the others.
 *
 * @module
 */
import { amount } from "./duration.ts";
import type { StageStatus, StageSummary } from "../types.ts";

/** Rows that a table on a terminal has at most, but for stages that failed or were stopped. */
const MOST_ROWS = 40;

/** A table's rows, and what is left out of it. */
export interface FoldedStages {
  /** In the order of the graph. */
  readonly shown: readonly StageSummary[];
  /** In a line, such as `and 9,960 more: 9,950 cached, 10 ran`; empty where all are shown. */
  readonly rest: string;
}

/** How much a reader wants to see a stage; the lowest first. */
function rank({ status, metrics }: StageSummary): number {
  if (status === "failed" || status === "stopped") return 0;
  if (status === "ran") return 1;
  if (status === "skipped") return 3;
  return Object.keys(metrics).length > 0 ? 2 : 4;
}

/**
 * Leaves out of a long list what matters least: first stages that were cached and report nothing, then
 * those that were skipped, those that were cached, those that ran. What failed is always shown.
 */
export function foldedStages(stages: readonly StageSummary[]): FoldedStages {
  if (stages.length <= MOST_ROWS) return { shown: stages, rest: "" };
  const ranks = stages.map(rank);
  const order = stages.map((_, i) => i).sort((a, b) => ranks[a]! - ranks[b]! || a - b);
  const kept = new Set(order.filter((i, place) => place < MOST_ROWS || ranks[i] === 0));
  const counts = new Map<StageStatus, number>();
  for (const [i, { status }] of stages.entries()) {
    if (!kept.has(i)) counts.set(status, (counts.get(status) ?? 0) + 1);
  }
  const kinds = [...counts].map(([status, count]) => `${amount(count)} ${status}`).join(", ");
  return {
    shown: stages.filter((_, i) => kept.has(i)),
    rest: `and ${amount(stages.length - kept.size)} more: ${kinds} (a pipe and --json show all)`,
  };
}
