/**
 * How long a plan's stages will take, from how long earlier results took.
 *
 * @module
 */
import { Capacity } from "../running/capacity.ts";
import type { GraphNode } from "../graph.ts";
import { paramDistance } from "./manifest_diff.ts";
import type { Compared } from "./misses.ts";
import type { Plan, PlannedStage } from "../plan.ts";
import { runAgain } from "./run_again.ts";
import { type Schedule, schedule, type Task } from "./schedule_estimate.ts";
import type { ActionRecord } from "../store/store.ts";

/** How long a stage will take. */
export interface Estimate {
  /** Of the stage's own work. */
  readonly seconds: number;
  /** The result that took so long. */
  readonly from: Compared;
  /** What that result is: one of the stage itself, of another cell, or only of the same type. */
  readonly basis: "stage" | "cell" | "type";
}

/** How long a plan will take. */
export interface PlanEstimate {
  /** By stage id; without the stages that no earlier result speaks for. */
  readonly stages: ReadonlyMap<string, Estimate>;
  /** The stages that no earlier result speaks for; they count as nothing. */
  readonly unknown: readonly string[];
  /** Cached stages that run again for their bytes, with the first stage that needs these. */
  readonly again: ReadonlyMap<string, string>;
  /** The stages played through. */
  readonly schedule: Schedule;
}

/** Records that are read to find the result with the nearest parameters. */
const MOST_READ = 2000;
/** Results of one type that are looked at. */
const MOST_LOOKED_AT = 8;

/**
 * Estimates a plan: every stage that is not cached counts as if it ran, and so does every cached one
 * whose bytes are needed and gone.
 *
 * @param jobs Cores that stages may use together (default: all of the machine).
 */
export function estimate(plan: Plan, jobs: number | undefined): PlanEstimate {
  const again = runAgain(plan);
  const pending = plan.stages.filter(({ state, node }) => state !== "cached" || again.has(node.id));
  const estimator = new Estimator(plan);
  const stages = new Map<string, Estimate>();
  for (const stage of pending) {
    const found = stage.record ? ofRecord(stage.record, "stage") : estimator.of(stage);
    if (found) stages.set(stage.node.id, found);
  }
  const ids = new Set(pending.map(({ node }) => node.id));
  const tasks = pending.map(({ node }): Task => {
    const device = plan.planning.deviceOf(node);
    return {
      id: node.id,
      seconds: stages.get(node.id)?.seconds ?? 0,
      need: {
        ...plan.planning.resourcesOf(node),
        device: device?.backend === "webgpu" ? device.class : undefined,
      },
      after: node.dependencies.map(({ id }) => id).filter((id) => ids.has(id)),
    };
  });
  return {
    stages,
    again,
    unknown: [...ids].filter((id) => !stages.has(id)),
    schedule: schedule(tasks, new Capacity(jobs)),
  };
}

/** Finds the results that speak for stages. */
class Estimator {
  readonly #plan: Plan;
  readonly #elsewhere = new Map<string, Candidates>();
  #read = 0;

  constructor(plan: Plan) {
    this.#plan = plan;
  }

  of({ node, resolved }: PlannedStage): Estimate | undefined {
    const { misses } = this.#plan.planning;
    const nearest = resolved && misses.of(node, resolved).nearest;
    if (nearest && this.#isOfDevice(nearest, node)) return ofRecord(nearest, "stage");
    return this.#nearest(node, { keys: misses.keys(node.id), basis: "stage" }) ??
      this.#nearest(node, this.#others(node));
  }

  /** Whether a result was computed on the device that a stage is planned for: others say nothing of time. */
  #isOfDevice({ manifest: { device } }: ActionRecord, node: GraphNode): boolean {
    return device === this.#plan.planning.deviceOf(node)?.class;
  }

  /** The result whose parameters differ least; of several, and after many were read, the first. */
  #nearest(node: GraphNode, { keys, basis }: Candidates): Estimate | undefined {
    const { misses } = this.#plan.planning;
    let best: { readonly record: ActionRecord; readonly distance: number } | undefined;
    for (const key of keys) {
      if (best?.distance === 0 || this.#read++ > MOST_READ) break;
      const record = misses.record(key);
      if (!record || record.accepted || !this.#isOfDevice(record, node)) continue;
      const distance = paramDistance(record.manifest.params, node.instance.params);
      if (!best || distance < best.distance) best = { record, distance };
    }
    if (best) return ofRecord(best.record, basis);
    // Of these no more is known than how long they took.
    if (this.#plan.planning.deviceOf(node) !== undefined) return undefined;
    const [first] = keys.flatMap((key) => misses.index.get(key) ?? []);
    return first && { seconds: first.seconds, from: comparedOf(first), basis };
  }

  /** Results of other cells of the same stage, or else of any stage of the same type. */
  #others(node: GraphNode): Candidates {
    const { base = node.id, definition } = node.instance;
    const name = `${definition.name} ${base}`;
    const known = this.#elsewhere.get(name);
    if (known) return known;
    const { misses, graph } = this.#plan.planning;
    const all = misses.index.using(definition.name);
    const cells = all.filter(({ experiment, stage }) =>
      experiment === graph.experiment.name && stage.startsWith(`${base}@`)
    );
    const keys = (cells.length > 0 ? cells : all).slice(0, MOST_LOOKED_AT).map(({ key }) => key);
    const found: Candidates = { keys, basis: cells.length > 0 ? "cell" : "type" };
    this.#elsewhere.set(name, found);
    return found;
  }
}

/** Results that may speak for a stage, latest first. */
interface Candidates {
  readonly keys: readonly string[];
  readonly basis: Estimate["basis"];
}

function ofRecord(record: ActionRecord, basis: Estimate["basis"]): Estimate {
  const { key, provenance } = record;
  return { seconds: provenance.seconds, from: comparedOf({ key, ...provenance }), basis };
}

function comparedOf({ key, experiment, stage, started }: Compared): Compared {
  return { key, experiment, stage, started };
}
