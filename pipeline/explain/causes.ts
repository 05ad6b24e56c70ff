/**
 * Why a plan does anything at all: the causes of its misses, each once, with what follows from it.
 *
 * @module
 */
import { type Explainer, followers } from "./explanation.ts";
import type { Plan } from "../plan.ts";

/** A cause, and the stages where it begins. */
export interface Cause {
  /** In one line, without the stages: `frames 50 -> 64`. */
  readonly text: string;
  /** Where it begins, in the order of the graph. */
  readonly stages: readonly string[];
  /** How many other stages come after those. */
  readonly follows: number;
}

/** The causes of a plan. */
export interface Causes {
  /** In the order of the graph. */
  readonly causes: readonly Cause[];
  /** Stages that run by themselves and were not explained, because there are so many. */
  readonly unexplained: number;
}

/**
 * Finds the causes of a plan.
 *
 * @param most Stages that are explained.
 */
export function causesOf(plan: Plan, explainer: Explainer, most = Infinity): Causes {
  const running = plan.stages.filter(({ state }) => state === "runs");
  const explained = running.slice(0, most);
  const roots = new Map<string, Set<string>>();
  for (const { node } of explained) {
    for (const { id, text } of explainer.roots(node.id)) {
      const ids = roots.get(text) ?? new Set();
      roots.set(text, ids.add(id));
    }
  }
  const rank = new Map(plan.stages.map(({ node }, i) => [node.id, i]));
  const causes = [...roots].map(([text, ids]) => {
    const stages = [...ids].sort((a, b) => rank.get(a)! - rank.get(b)!);
    const follows = followers(stages.map((id) => plan.planning.graph.node(id)));
    return { text, stages, follows: follows.size };
  });
  return {
    causes: causes.sort((a, b) => rank.get(a.stages[0]!)! - rank.get(b.stages[0]!)!),
    unexplained: running.length - explained.length,
  };
}

/** A cause as one line: `normalize: frames 50 -> 64; 6 stages follow`. */
export function causeText({ text, stages, follows }: Cause): string {
  const [first, second] = stages;
  const more = stages.length - 2;
  const where = stages.length === 1
    ? first
    : stages.length === 2
    ? `${first} and ${second}`
    : `${first}, ${second} and ${more} more`;
  return `${where}: ${text}${followText(follows)}`;
}

/** `; 6 stages follow`, or nothing where none does. */
export function followText(follows: number): string {
  if (follows === 0) return "";
  return `; ${follows} ${follows === 1 ? "stage follows" : "stages follow"}`;
}
