/**
 * Recomputes the stages of one verification, side by side, and tells what becomes of each.
 *
 * @module
 */
import { Capacity } from "../running/capacity.ts";
import { deviceIsFree, type DeviceLock, tryLockDevice } from "../running/device_lock.ts";
import type { Executor, Submission } from "../executors/executor.ts";
import type { GraphNode } from "../graph.ts";
import type { PlannedStage } from "../plan.ts";
import type { Planning, Resolved } from "../planning.ts";
import { type RecomputationResult, recompute } from "./recomputation.ts";
import { RunControl } from "../running/run_control.ts";
import type { ActionRecord } from "../store/store.ts";
import type { RunEvent, StageSummary } from "../types.ts";
import type { VerifiedStage } from "./verification.ts";
import { differenceLines } from "./verification_text.ts";
import type { VerifyOptions } from "./verify.ts";

/** A stage that has a result to be held against. */
interface Published {
  readonly node: GraphNode;
  readonly resolved: Resolved;
  readonly record: ActionRecord;
}

/** Recomputes the stages of one verification. */
export class Verifier {
  readonly #planning: Planning;
  readonly #options: VerifyOptions & { readonly executor: Executor };
  readonly #emit: (event: RunEvent) => void;
  readonly #capacity: Capacity;
  readonly #control: RunControl;
  readonly #running = new Set<Submission>();
  /** By key: two stages may be one action. */
  readonly #results = new Map<string, Promise<RecomputationResult>>();
  /** Rows by stage id. */
  readonly #ended = new Map<string, VerifiedStage>();

  /** Verifies stages of a plan; `emit` is told what happens, in order. */
  constructor(
    planning: Planning,
    options: VerifyOptions & { readonly executor: Executor },
    emit: (event: RunEvent) => void,
  ) {
    this.#planning = planning;
    this.#options = options;
    this.#emit = emit;
    this.#capacity = new Capacity(options.jobs);
    this.#control = options.control ?? new RunControl();
  }

  /** Brings all stages to their ends; gives their rows in the same order. */
  async all(stages: readonly PlannedStage[]): Promise<readonly VerifiedStage[]> {
    const waiting: Published[] = [];
    for (const { node, resolved, reason } of stages) {
      const record = resolved?.record && this.#options.store.readAction(resolved.key);
      if (resolved && record) waiting.push({ node, resolved, record });
      else this.#passOver(node, "not computed yet", elsewhere(resolved) ?? reason, resolved?.key);
    }
    // What took long goes first, so that the others fit beside it.
    waiting.sort((a, b) => b.record.provenance.seconds - a.record.provenance.seconds);
    const forget = this.#control.onPress(() => {
      for (const submission of this.#running) submission.cancel();
    });
    const tasks = new Set<Promise<void>>();
    try {
      while (waiting.length > 0 || tasks.size > 0) {
        for (const stage of this.#startable(waiting)) {
          waiting.splice(waiting.indexOf(stage), 1);
          const task = this.#work(stage).finally(() => {
            this.#capacity.give(stage.node.id);
            tasks.delete(task);
          });
          tasks.add(task);
        }
        await Promise.race(tasks);
      }
    } finally {
      forget();
    }
    return stages.map(({ node }) => this.#ended.get(node.id)!);
  }

  /** The stages that can be started now; room is taken for them. */
  #startable(waiting: readonly Published[]): readonly Published[] {
    const { repair = false } = this.#options;
    const open = new Set(waiting.map(({ node }) => node.id));
    return waiting.filter(({ node }) => {
      // With repair, the bytes of its inputs may come back first.
      if (repair && node.dependencies.some(({ id }) => open.has(id) || !this.#isSettled(id))) {
        return false;
      }
      const resources = this.#planning.resourcesOf(node);
      return this.#capacity.take(node.id, { ...resources, device: this.#deviceOf(node) });
    });
  }

  #isSettled(id: string): boolean {
    return this.#ended.has(id) || !(this.#options.only?.includes(id) ?? true);
  }

  async #work(stage: Published): Promise<void> {
    const { node, resolved } = stage;
    if (this.#control.presses > 0) {
      return this.#passOver(node, "stopped", "stopped before it began", resolved.key);
    }
    const gone = this.#inputsGone(stage);
    if (gone !== undefined) return this.#passOver(node, "bytes gone", gone, resolved.key);
    const begun = performance.now();
    const shared = this.#results.get(resolved.key);
    const working = shared ?? this.#onDevice(stage);
    this.#results.set(resolved.key, working);
    const result = await working;
    this.#end({
      id: node.id,
      uses: node.instance.definition.name,
      seconds: shared ? 0 : (performance.now() - begun) / 1000,
      ...result,
    });
  }

  /** Recomputes while no other process computes on the stage's device. */
  async #onDevice(stage: Published): Promise<RecomputationResult> {
    const device = this.#deviceOf(stage.node);
    if (device === undefined) return await this.#recompute(stage);
    const stopped = () => this.#control.presses > 0;
    let lock: DeviceLock | undefined;
    while (!stopped() && !(lock = await tryLockDevice(device))) await deviceIsFree(device, stopped);
    try {
      return await this.#recompute(stage);
    } finally {
      lock?.release();
    }
  }

  /** The class of the device that only one stage at a time computes on. */
  #deviceOf(node: GraphNode): string | undefined {
    const device = this.#planning.deviceOf(node);
    return device?.backend === "webgpu" ? device.class : undefined;
  }

  async #recompute({ node, resolved, record }: Published): Promise<RecomputationResult> {
    const { id } = node;
    const uses = node.instance.definition.name;
    const { executor, times = 1, repair = false, compareFiles } = this.#options;
    let submitted: Submission | undefined;
    const forget = () => {
      if (submitted) this.#running.delete(submitted);
    };
    const result = await recompute(this.#planning, node, resolved, record, {
      executor,
      times,
      repair,
      compareFiles,
      stopped: () => this.#control.presses > 0,
      onStart: (time) => {
        const reason = times === 1 ? "to compare" : `to compare, ${time} of ${times}`;
        this.#emit({ type: "stage-start", id, uses, reason, resumed: false });
      },
      onSubmitted: (submission) => {
        forget();
        this.#running.add(submitted = submission);
        if (this.#control.presses > 0) submission.cancel();
      },
      onMessage: (message) => {
        if (message.type === "progress" || message.type === "log") this.#emit({ ...message, id });
      },
    });
    forget();
    return result;
  }

  /** What cannot be recomputed, because bytes that it is made from are gone. */
  #inputsGone({ node, resolved }: Published): string | undefined {
    const gone = node.inputs.flatMap(({ name, binding }) => {
      if (binding.kind === "external") return [];
      const digest = resolved.manifest.inputs[name]!.slice("tree:".length);
      return this.#options.store.hasBytes(digest) ? [] : [binding];
    });
    if (gone.length === 0) return undefined;
    const outputs = gone.map(({ stage, output }) => `${stage}.${output}`).join(", ");
    return `${outputs}, from which it is made; verify ${
      gone[0]!.stage
    } with --repair, or the whole ` +
      `experiment, to get them back`;
  }

  #passOver(
    node: GraphNode,
    state: "not computed yet" | "bytes gone" | "stopped",
    note: string,
    key: string | undefined,
  ): void {
    this.#end({
      id: node.id,
      uses: node.instance.definition.name,
      state,
      ...(key === undefined ? {} : { key }),
      seconds: 0,
      recomputed: 0,
      note,
      differences: [],
    });
  }

  #end(row: VerifiedStage): void {
    this.#ended.set(row.id, row);
    const { state, note } = row;
    const summary = (status: StageSummary["status"], reason?: string): StageSummary => ({
      id: row.id,
      uses: row.uses,
      status,
      ...(row.key === undefined ? {} : { key: row.key }),
      seconds: row.seconds,
      outputs: [],
      metrics: {},
      ...(reason === undefined ? {} : { reason }),
      ...(row.logFile === undefined ? {} : { logFile: row.logFile }),
    });
    if (state === "same") {
      this.#emit({ type: "stage-done", stage: summary("ran") });
    } else if (state === "differs" || state === "could not run") {
      const reason = state === "differs" ? differenceLines(row).join("\n") : note ?? state;
      const { logTail = [] } = row;
      this.#emit({ type: "stage-failed", stage: summary("failed", reason), logTail });
    } else {
      const reason = note === undefined ? state : `${state}: ${note}`;
      const stage = summary(state === "stopped" ? "stopped" : "skipped", reason);
      this.#emit({ type: "stage-skipped", stage });
    }
  }
}

/** Says of a result that another class of device gave that it cannot be compared here. */
function elsewhere(resolved: Resolved | undefined): string | undefined {
  const { record, key } = resolved ?? {};
  if (record === undefined || record.key === key) return undefined;
  return `not on this class of device: its result is that of ${
    record.manifest.device ?? "another"
  }`;
}
