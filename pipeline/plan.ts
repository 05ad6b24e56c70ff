/**
 * The plan of an experiment: what is cached, what runs, what waits, and why.
 *
 * A stage *waits* when an input does not exist yet: its key is unknown, and if the stages before it
 * yield the bytes they yielded once, it may turn out to be cached after all.
 *
 * @module
 */
import type { GraphNode } from "./graph.ts";
import type { PlanProblem } from "./plan_error.ts";
import { Planning, type PlanOptions, type Resolved } from "./planning.ts";
import type { PortFacts } from "./stage.ts";
import type { ActionRecord } from "./store/store.ts";
import type { Experiment } from "./types.ts";

export { PlanError } from "./plan_error.ts";
export type { PlanOptions } from "./planning.ts";

/** What a run would do with a stage. */
export type StageState = "cached" | "runs" | "waits";

/** A stage of a plan. */
export interface PlannedStage {
  /** Its place in the graph. */
  readonly node: GraphNode;
  /** What a run would do with it. */
  readonly state: StageState;
  /** Its key and manifest; absent while it waits. */
  readonly resolved?: Resolved;
  /** Its result, when it is cached. */
  readonly record?: ActionRecord;
  /**
   * In one line: why it runs, or what it waits for; when it is cached, whose result it takes if that
   * is another class of device's or was accepted, else "".
   */
  readonly reason: string;
  /** The stages that run by themselves and so make this one wait; empty unless it waits. */
  readonly causes: readonly string[];
  /** Facts of its outputs, as far as they are known. */
  readonly facts: PortFacts;
}

/** The plan of an experiment, its stages in the order of the graph. */
export interface Plan {
  /** What the plan was made from. */
  readonly planning: Planning;
  /** Each after all it depends on. */
  readonly stages: readonly PlannedStage[];
}

/**
 * Plans an experiment. Starts no process where nothing changed, and runs nothing.
 *
 * @throws {PlanError} With all that is wrong with the experiment, its inputs or its parameters.
 */
export async function plan(experiment: Experiment, options: PlanOptions): Promise<Plan> {
  return planStages(await Planning.begin(experiment, options));
}

/** Plans an experiment whose lookups are done. */
export function planStages(planning: Planning): Plan {
  const stages = new Map<string, PlannedStage>();
  const problems: PlanProblem[] = [];
  for (const node of planning.graph.nodes) {
    const inputs = planning.inputFacts(node, (id) => stages.get(id)?.facts);
    const resolved = planning.resolve(node, (id) => digestsOf(stages.get(id)?.record));
    const record = resolved?.record;
    problems.push(...planning.broken(node, inputs, record === undefined));
    const facts = planning.outputFacts(node, inputs, record);
    const causes = resolved ? [] : causesOf(node, stages);
    stages.set(node.id, {
      node,
      state: record ? "cached" : resolved ? "runs" : "waits",
      ...(resolved ? { resolved } : {}),
      ...(record ? { record } : {}),
      // Asked for when a stage starts or is shown: to find it reads earlier results.
      get reason() {
        if (record) return taken(planning.otherDevice(node, record), record);
        return resolved ? planning.reason(node, resolved) : waiting(causes);
      },
      causes,
      facts,
    });
  }
  planning.remember();
  if (problems.length > 0) throw planning.error(problems);
  return { planning, stages: [...stages.values()] };
}

/** Digests of a record's outputs by name. */
export function digestsOf(
  record: ActionRecord | undefined,
): Readonly<Record<string, string>> | undefined {
  if (!record) return undefined;
  return Object.fromEntries(Object.entries(record.outputs).map(([name, o]) => [name, o.digest]));
}

/** Shared where a stage waits for what another one waits for, so that long chains cost no more. */
function causesOf(
  node: GraphNode,
  stages: ReadonlyMap<string, PlannedStage>,
): readonly string[] {
  const lists = new Set<readonly string[]>();
  for (const { id } of node.dependencies) {
    const { state, causes } = stages.get(id)!;
    if (state === "runs") lists.add([id]);
    else if (causes.length > 0) lists.add(causes);
  }
  const [first, ...more] = lists;
  return more.length === 0 ? first ?? [] : [...new Set([...lists].flat())];
}

function taken(otherDevice: string | undefined, { accepted }: ActionRecord): string {
  if (accepted) return `accepted by ${accepted.who}: ${accepted.why}`;
  return otherDevice === undefined ? "" : `takes the result of ${otherDevice}`;
}

function waiting(causes: readonly string[]): string {
  const shown = causes.slice(0, 3).join(", ");
  return `waits for ${shown}${causes.length > 3 ? ` and ${causes.length - 3} more` : ""}`;
}
