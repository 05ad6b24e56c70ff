/**
 * The explanation of a planned stage: why it runs, what it waits for, or what made it.
 *
 * A stage that runs because an input changed is no cause of its own: the cause is followed back
 * through the results that made the old input and the new one, to the edit that began it.
 *
 * @module
 */
import type { GraphNode } from "../graph.ts";
import { type Difference, inOneLine } from "./manifest_diff.ts";
import type { Compared, Miss } from "./misses.ts";
import type { Plan, PlannedStage, StageState } from "../plan.ts";
import type { Resolved } from "../planning.ts";
import type { ActionRecord } from "../store/store.ts";

/** Why a stage runs, waits or is cached. */
export interface Explanation {
  /** The stage. */
  readonly id: string;
  /** What a run would do with it. */
  readonly state: StageState;
  /** Its key; absent while it waits. */
  readonly key?: string;
  /** In one line, with the stage that it begins at: `normalize: frames 50 -> 64`; "" if cached. */
  readonly rootCause: string;
  /** The stages where the causes are: itself, or those that make it run or wait. */
  readonly roots: readonly string[];
  /** How many stages come after it. */
  readonly follows: number;
  /** The earlier result it was compared with; what made it, if it is cached. */
  readonly compared?: Compared;
  /** What differs from that result, as far as it is known while it waits; empty if it is cached. */
  readonly differences: readonly Difference[];
  /** The class of device that its result is of, if it was accepted from another than that in use. */
  readonly otherDevice?: string;
  /** For a stage that waits: the stages from a root to itself, the shortest way. */
  readonly chain: readonly string[];
}

/** The beginning of a cause. */
export interface Root {
  /** The stage that it is in. */
  readonly id: string;
  /** In one line: `frames 50 -> 64`. */
  readonly text: string;
}

/** Roots that one line names. */
const NAMED = 2;

/**
 * Explains one stage of a plan.
 *
 * @throws {Error} If the experiment has no stage of that id.
 */
export function explainStage(plan: Plan, id: string): Explanation {
  return new Explainer(plan).stage(id);
}

/** Explains the stages of a plan; each earlier result is read once. */
export class Explainer {
  readonly #plan: Plan;
  readonly #stages: ReadonlyMap<string, PlannedStage>;
  readonly #misses = new Map<string, Miss>();

  /** Nothing is read yet. */
  constructor(plan: Plan) {
    this.#plan = plan;
    this.#stages = new Map(plan.stages.map((stage) => [stage.node.id, stage]));
  }

  /**
   * Explains one stage.
   *
   * @throws {Error} If the experiment has no stage of that id.
   */
  stage(id: string): Explanation {
    const node = this.#plan.planning.graph.node(id);
    const { state, resolved, record, causes } = this.#stages.get(id)!;
    const follows = followers([node]).size;
    const roots = this.roots(id);
    const common = {
      id,
      state,
      rootCause: inWords(roots),
      roots: roots.map(({ id }) => id),
      follows,
      differences: [],
      chain: [],
    };
    if (record) {
      const otherDevice = this.#plan.planning.otherDevice(node, record);
      return {
        ...common,
        key: record.key,
        compared: compared(record),
        ...(otherDevice === undefined ? {} : { otherDevice }),
      };
    }
    const { nearest, differences } = resolved ? this.#miss(node, resolved) : this.#sofar(node);
    return {
      ...common,
      ...(resolved ? { key: resolved.key } : { chain: chain(node, new Set(causes)) }),
      ...(nearest ? { compared: compared(nearest) } : {}),
      differences,
    };
  }

  /** Where the causes of a stage began; none for one that is cached. */
  roots(id: string): readonly Root[] {
    const stage = this.#stages.get(id)!;
    if (stage.state === "runs") return [this.#root(stage)];
    const roots = stage.causes.map((cause) => this.#root(this.#stages.get(cause)!));
    const distinct = new Map(roots.map((root) => [root.id, root]));
    if (distinct.size < 2) return roots.slice(0, 1);
    return this.#plan.planning.graph.nodes.flatMap(({ id }) => distinct.get(id) ?? []);
  }

  /** What already differs of a stage whose inputs are not known yet, beside those. */
  #sofar(node: GraphNode): Pick<Miss, "nearest" | "differences"> {
    const { misses } = this.#plan.planning;
    const [nearest] = misses.results(node.id);
    if (!nearest) return { differences: [] };
    const now = this.#plan.planning.manifest(node, nearest.manifest.inputs);
    return { nearest, differences: misses.between(nearest, now, node) };
  }

  #miss(node: GraphNode, resolved: Resolved): Miss {
    const known = this.#misses.get(node.id);
    if (known) return known;
    const { misses } = this.#plan.planning;
    const own = misses.of(node, resolved);
    const found = own.first ? misses.elsewhere(node, resolved) : own;
    this.#misses.set(node.id, found);
    return found;
  }

  /** Where the cause of a stage that runs began. */
  #root({ node, resolved }: PlannedStage): Root {
    const { reason, nearest, differences } = this.#miss(node, resolved!);
    return (nearest && this.#before(node, differences)) ?? { id: node.id, text: reason };
  }

  /** Where the other inputs came from, if nothing else differs. */
  #before(node: GraphNode, differences: readonly Difference[]): Root | undefined {
    const { misses } = this.#plan.planning;
    for (const difference of differences) {
      if (difference.kind !== "input" || difference.oldSource !== undefined) return undefined;
      const binding = node.instance.inputs[difference.input];
      if (binding?.kind !== "output" || difference.old === undefined) return undefined;
    }
    for (const difference of differences) {
      if (difference.kind !== "input") continue;
      const binding = node.instance.inputs[difference.input]!;
      if (binding.kind !== "output") continue;
      const now = this.#stages.get(binding.stage)?.record;
      const digest = difference.old!.slice("tree:".length);
      const then = misses.producer(binding.stage, binding.output, digest);
      if (!now || !then || now.key === then.key || now.manifest.stage !== then.manifest.stage) {
        continue;
      }
      const source = this.#plan.planning.graph.node(binding.stage);
      const found = misses.between(then, now.manifest, source);
      if (found.length === 0) continue;
      return this.#before(source, found) ?? { id: source.id, text: inOneLine(found) };
    }
    return undefined;
  }
}

function compared({ key, provenance: { experiment, stage, started } }: ActionRecord): Compared {
  return { key, experiment, stage, started };
}

function inWords(roots: readonly Root[]): string {
  const named = roots.slice(0, NAMED).map(({ id, text }) => `${id}: ${text}`);
  const more = roots.length > NAMED ? [`and ${roots.length - NAMED} more`] : [];
  return [...named, ...more].join("; ");
}

/** The stages that come after some, without those. */
export function followers(nodes: readonly GraphNode[]): Set<GraphNode> {
  const seen = new Set<GraphNode>();
  const queue = nodes.flatMap(({ dependents }) => dependents);
  for (let next = queue.pop(); next; next = queue.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    queue.push(...next.dependents);
  }
  for (const node of nodes) seen.delete(node);
  return seen;
}

/** The shortest way from one of some stages to another that comes after them. */
function chain(node: GraphNode, from: ReadonlySet<string>): string[] {
  const next = new Map<string, string | undefined>([[node.id, undefined]]);
  const queue = [node];
  for (let at = queue.shift(); at; at = queue.shift()) {
    if (from.has(at.id)) {
      const way: string[] = [];
      for (let id: string | undefined = at.id; id !== undefined; id = next.get(id)) way.push(id);
      return way;
    }
    for (const before of at.dependencies) {
      if (next.has(before.id)) continue;
      next.set(before.id, at.id);
      queue.push(before);
    }
  }
  return [node.id];
}
