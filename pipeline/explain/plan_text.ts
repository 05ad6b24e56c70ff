/**
 * A plan as text: what is cached, what runs and in which order, how long it takes, and why.
 *
 * @module
 */
import { type Causes, causeText } from "./causes.ts";
import { duration } from "../screen/duration.ts";
import type { Estimate, PlanEstimate } from "./estimate.ts";
import { moment } from "../screen/moment.ts";
import type { Plan, PlannedStage } from "../plan.ts";
import { plainTable } from "../screen/plain_table.ts";
import { listed } from "../suggest.ts";
import { wrapped } from "../screen/wrapped_text.ts";

/** How much is said. */
export interface PlanTextOptions {
  /** Columns that lines are kept within; undefined where they may be of any length. */
  readonly columns: number | undefined;
  /** Cores that stages may use together. */
  readonly cores: number;
  /** Say everything of every stage. */
  readonly all: boolean;
}

/** Stages up to which each has a row. */
const EVERY_ROW = 40;
/** Rows of a longer plan. */
const ROWS = 30;
/** Causes that are told. */
const CAUSES = 12;
/** Lines that say where estimates come from. */
const ORIGINS = 6;

/** The whole text of a plan, with a line break at its end. */
export function planText(
  plan: Plan,
  causes: Causes,
  estimate: PlanEstimate,
  options: PlanTextOptions,
): string {
  const cut = (line: string) =>
    options.columns !== undefined && line.length > options.columns
      ? `${line.slice(0, options.columns - 3)}...`
      : line;
  const whole = (lines: readonly string[]) =>
    lines.flatMap((line) => wrapped(line, options.columns));
  const parts = [
    [countText(plan, estimate.again.size)],
    whole(takenLines(plan)),
    whole(acceptedLines(plan)),
    whole(causeLines(causes, options.all)),
    stageRows(plan, estimate, options.all).map(cut),
    whole(totalLines(estimate, options.cores)),
  ];
  return `${parts.filter((part) => part.length > 0).map((part) => part.join("\n")).join("\n\n")}\n`;
}

/** How many stages are in each state, in words. */
function countText({ planning, stages }: Plan, again: number): string {
  const count = (state: string) => stages.filter((stage) => stage.state === state).length;
  const [cached, runs, waits] = [count("cached"), count("runs"), count("waits")];
  const { name, matrix } = planning.graph.experiment;
  const cells = matrix === undefined
    ? ""
    : ` in ${matrix.cells} ${matrix.cells === 1 ? "cell" : "cells"}`;
  const head = `${name}: ${stages.length} ${stages.length === 1 ? "stage" : "stages"}${cells}`;
  if (cached === stages.length) return `${head}, all cached: nothing to run`;
  const waiting = waits === 0 ? "" : `, ${waits} waiting for ${runs === 1 ? "it" : "those"}`;
  const gone = again === 0 ? "" : ` (${again} to run again: their bytes are gone)`;
  return `${head}: ${cached} cached${gone}, ${runs} to run${waiting}`;
}

/** Whose results are taken from another class of device. */
function takenLines({ planning, stages }: Plan): string[] {
  const taken = new Map<string, string[]>();
  for (const { node, record } of stages) {
    const other = record && planning.otherDevice(node, record);
    if (other !== undefined) taken.set(other, [...taken.get(other) ?? [], node.id]);
  }
  return [...taken].map(([other, ids]) =>
    `from ${other} rather than ${planning.device?.class} (--accept-device any): ${listed(ids, 5)}`
  );
}

/** Whose word results rest on that were not computed. */
function acceptedLines({ stages }: Plan): string[] {
  const accepted = new Map<string, string[]>();
  for (const { node, record } of stages) {
    const who = record?.accepted?.who;
    if (who !== undefined) accepted.set(who, [...accepted.get(who) ?? [], node.id]);
  }
  return [...accepted].map(([who, ids]) => `cached (accepted by ${who}): ${listed(ids, 5)}`);
}

function causeLines({ causes, unexplained }: Causes, all: boolean): string[] {
  const shown = all ? causes : causes.slice(0, CAUSES);
  const rest = causes.length - shown.length;
  return [
    ...shown.map(causeText),
    ...rest > 0 ? [`and ${rest} more causes (--all tells them)`] : [],
    ...unexplained > 0 ? [`${unexplained} more stages run (--all tells why)`] : [],
  ];
}

function stageRows(
  plan: Plan,
  estimate: PlanEstimate,
  all: boolean,
): string[] {
  const { again, schedule: { order } } = estimate;
  if (order.length === 0) return [];
  const place = new Map(order.map((id, i) => [id, i + 1]));
  const whole = all || plan.stages.length <= EVERY_ROW;
  const byStart = () => {
    const stages = new Map(plan.stages.map((stage) => [stage.node.id, stage]));
    return order.slice(0, ROWS).map((id) => stages.get(id)!);
  };
  const rows = (whole ? plan.stages : byStart()).map((stage) => [
    String(place.get(stage.node.id) ?? ""),
    stage.node.id,
    again.has(stage.node.id) ? "runs" : stage.state,
    secondsText(estimate.stages.get(stage.node.id), place.has(stage.node.id)),
    whyText(stage, again.get(stage.node.id)),
  ]);
  const width = Math.max(...rows.map(([number]) => number!.length));
  const table = plainTable([
    ["#".padStart(width), "stage", "state", "takes", "why"],
    ...rows.map(([number, ...cells]) => [number!.padStart(width), ...cells]),
  ]).split("\n");
  if (whole || order.length <= ROWS) return table;
  return [...table, `and ${order.length - ROWS} more (--all shows them)`];
}

function whyText({ state, reason }: PlannedStage, neededBy: string | undefined): string {
  if (neededBy !== undefined) return `its bytes are gone and ${neededBy} needs them`;
  return state === "waits" ? reason.replace("waits ", "") : reason;
}

function secondsText(estimate: Estimate | undefined, runs: boolean): string {
  if (!runs) return "";
  if (!estimate) return "?";
  return estimate.seconds < 0.1 ? "<0.1 s" : `~${duration(estimate.seconds)}`;
}

function totalLines({ stages, unknown, schedule }: PlanEstimate, cores: number): string[] {
  if (schedule.order.length === 0) return [];
  const known = schedule.order.length - unknown.length;
  if (known === 0) return ["How long it takes is not known: no earlier result speaks for a stage."];
  const { wallSeconds, workSeconds, chain, chainSeconds } = schedule;
  const parts = [`about ${duration(wallSeconds)} on ${cores} ${cores === 1 ? "core" : "cores"}`];
  if (known > 1) parts.push(`${duration(workSeconds)} of work`);
  if (unknown.length > 0) parts.push(`without ${listed(unknown, 3)}, not run before`);
  const lines = [parts.join(", ")];
  if (chain.length > 1 && chain.length < schedule.order.length) {
    lines.push(`longest chain ${duration(chainSeconds)}: ${chainText(chain)}`);
  }
  return [...lines, ...originLines(stages)];
}

function chainText(chain: readonly string[]): string {
  if (chain.length <= 6) return chain.join(" > ");
  return `${chain.slice(0, 3).join(" > ")} > ... > ${chain.slice(-2).join(" > ")}`;
}

/** From which earlier results the estimates come: stages that were computed at a time, together. */
function originLines(stages: ReadonlyMap<string, Estimate>): string[] {
  const groups = new Map<string, string[]>();
  for (const [id, { from, basis }] of stages) {
    const whose = basis === "stage" ? "" : ` by ${from.stage} of ${from.experiment}`;
    const origin = `measured ${moment(from.started).slice(0, 10)}${whose}`;
    groups.set(origin, [...groups.get(origin) ?? [], id]);
  }
  const lines = [...groups].map(([origin, ids]) => `${origin}: ${listed(ids, 5)}`);
  if (lines.length <= ORIGINS) return lines;
  return [...lines.slice(0, ORIGINS), `and ${lines.length - ORIGINS} more`];
}
