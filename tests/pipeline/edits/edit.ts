/**
 * An edit of the toy project, and what it must do to the plan.
 *
 * @module
 */
import type { How, Workbench } from "./workbench.ts";

/** A stage of the toy project. */
export type StageId = "parse" | "normalize" | "pretrain" | "evaluate" | "report";

/** An edit that invalidates results. */
export interface Edit {
  /** What is edited, for the page. */
  readonly what: string;
  readonly apply?: (bench: Workbench) => void | Promise<void>;
  readonly how?: How;
  /** Exactly the stages whose action is another one then, their inputs taken as they were. */
  readonly changes: readonly StageId[];
  /** Stages that run though their action is the same. */
  readonly runs?: readonly StageId[];
  /** What `why` begins with for each stage that runs at once, in the order of the graph. */
  readonly why: readonly string[];
}

/** An edit after which stages run again and make the same bytes. */
export interface CutoffEdit {
  readonly what: string;
  readonly apply: (bench: Workbench) => void;
  /** What `why` begins with before the run, for each stage that runs at once. */
  readonly why: readonly string[];
  /** Exactly the stages that a run then computes. */
  readonly ran: readonly StageId[];
}

/** A change that must invalidate nothing. */
export interface HarmlessChange {
  readonly what: string;
  readonly apply?: (bench: Workbench) => void | Promise<void>;
  readonly how?: How;
  /** Asks for the states of the stages in another way than by a plan. */
  readonly states?: (bench: Workbench) => Promise<Readonly<Record<string, string>>>;
}

/** The stages that take what each one makes. */
export const FOLLOWERS: Readonly<Record<StageId, readonly StageId[]>> = {
  parse: ["normalize", "evaluate"],
  normalize: ["pretrain"],
  pretrain: ["evaluate"],
  evaluate: ["report"],
  report: [],
};

/** What a plan must say of each stage when some have another action. */
export function expectedStates(changed: readonly StageId[]): Record<StageId, string> {
  const waits = new Set<StageId>();
  const stack = changed.flatMap((id) => FOLLOWERS[id]);
  for (let id = stack.pop(); id !== undefined; id = stack.pop()) {
    if (waits.has(id)) continue;
    waits.add(id);
    stack.push(...FOLLOWERS[id]);
  }
  const ids = Object.keys(FOLLOWERS) as StageId[];
  return Object.fromEntries(ids.map((id) => [
    id,
    waits.has(id) ? "waits" : changed.includes(id) ? "runs" : "cached",
  ])) as Record<StageId, string>;
}
