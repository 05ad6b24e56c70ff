/**
 * Runs an experiment: `run(experiment, options, onEvent)`.
 *
 * Cached stages are passed over; the others run as soon as their inputs exist, side by side as far as
 * cores, memory and devices go. A stage whose inputs turn out to be what they once were is cached after
 * all (early cutoff). When one fails, only what follows from it is skipped. Everything that is done is
 * in the store at once: whenever the run ends, and however, the next one goes on from there.
 *
 * @module
 */
import { type AttemptResult, makeAttempt } from "./attempt.ts";
import { Capacity } from "./capacity.ts";
import type { Executor, Submission } from "./executors/executor.ts";
import type { GraphNode } from "./graph.ts";
import { writeHistory } from "./history.ts";
import { claim, type Lease, tryClaim } from "./lease.ts";
import type { WorkerMessage } from "./messages.ts";
import { digestsOf, type PlannedStage, planStages } from "./plan.ts";
import { Planning, type PlanOptions, type Resolved } from "./planning.ts";
import type { RunControl } from "./run_control.ts";
import { writeRun } from "./run_record.ts";
import { logPath } from "./scratch.ts";
import type { PortFacts } from "./stage.ts";
import { explained } from "./store/disk.ts";
import type { ActionRecord } from "./store/store.ts";
import type { Experiment, RunEvent, RunSummary, StageStatus, StageSummary } from "./types.ts";

export { RunControl } from "./run_control.ts";
export { PlanError } from "./plan_error.ts";

/** How a run is made, beside what its plan hangs on. */
export interface RunOptions extends PlanOptions {
  /** Cores that running stages may declare together (default: all of the machine). */
  readonly jobs?: number | undefined;
  /** After a failure: `keep` on with all that does not follow from it (default), or start nothing more. */
  readonly onError?: "keep" | "stop" | undefined;
  /** Where stages run (default: child processes on this machine). */
  readonly executor?: Executor | undefined;
  /** By which the run is stopped. */
  readonly control?: RunControl | undefined;
}

/**
 * Runs an experiment.
 *
 * @param onEvent Told what happens, in order. Must not throw.
 * @throws {PlanError} If the experiment cannot be planned; nothing has run then.
 */
export async function run(
  experiment: Experiment,
  options: RunOptions,
  onEvent: (event: RunEvent) => void = () => {},
): Promise<RunSummary> {
  const begun = performance.now();
  const planning = await Planning.begin(experiment, options);
  const executor = options.executor ?? (await import("./executors/local.ts")).local;
  return await new Run(planning, options, executor, onEvent, begun).all();
}

/** A stage that is not done yet and may be started. */
interface Ready {
  readonly node: GraphNode;
  readonly resolved: Resolved;
  readonly reason: string;
  lease?: Lease;
}

class Run {
  readonly #planning: Planning;
  readonly #options: RunOptions;
  readonly #executor: Executor;
  readonly #emit: (event: RunEvent) => void;
  readonly #begun: number;
  readonly #started = new Date();
  readonly #capacity: Capacity;
  readonly #summaries = new Map<string, StageSummary>();
  readonly #records = new Map<string, ActionRecord>();
  readonly #facts = new Map<string, PortFacts>();
  readonly #rank: ReadonlyMap<string, number>;
  readonly #ready: Ready[] = [];
  /** Stages that have been made ready once. */
  readonly #admitted = new Set<string>();
  readonly #running = new Map<string, Submission | undefined>();
  /** Stages that wait for the bytes of stages that were cached. */
  readonly #reviving = new Map<string, Ready[]>();
  readonly #tasks = new Set<Promise<void>>();
  #halted: string | undefined;

  constructor(
    planning: Planning,
    options: RunOptions,
    executor: Executor,
    emit: (event: RunEvent) => void,
    begun: number,
  ) {
    this.#planning = planning;
    this.#options = options;
    this.#executor = executor;
    this.#emit = emit;
    this.#begun = begun;
    this.#capacity = new Capacity(options.jobs);
    this.#rank = new Map(planning.graph.nodes.map(({ id }, i) => [id, i]));
  }

  async all(): Promise<RunSummary> {
    const { experiment, nodes } = this.#planning.graph;
    const { stages } = planStages(this.#planning);
    this.#emit({ type: "run-start", experiment: experiment.name, stages: nodes.map((n) => n.id) });
    const forget = this.#options.control?.onPress((presses) => this.#press(presses));
    try {
      for (const stage of stages) this.#admit(stage);
      this.#pump();
      while (this.#tasks.size > 0) await Promise.race(this.#tasks);
    } finally {
      forget?.();
      for (const { lease } of this.#ready) await lease?.release();
    }
    for (const node of nodes) {
      if (!this.#summaries.has(node.id)) {
        this.#end(node, "skipped", { reason: this.#halted ?? "nothing it needs came to be" });
      }
    }
    return await this.#finish();
  }

  #admit({ node, state, record, resolved, reason, facts }: PlannedStage): void {
    if (state === "cached") this.#cached(node, record!, facts);
    else if (state === "runs") this.#offer({ node, resolved: resolved!, reason });
  }

  #offer(ready: Ready): void {
    this.#admitted.add(ready.node.id);
    this.#ready.push(ready);
  }

  #cached(node: GraphNode, record: ActionRecord, facts: PortFacts): void {
    this.#records.set(node.id, record);
    this.#facts.set(node.id, facts);
    this.#end(node, "cached", { record, attempt: record.provenance.attempts });
  }

  /** Looks at the stages after one that is done: those whose inputs all exist now get their key. */
  #advance(done: GraphNode): void {
    for (const node of done.dependents) {
      if (this.#summaries.has(node.id) || this.#admitted.has(node.id)) continue;
      const resolved = this.#planning.resolve(node, (id) => digestsOf(this.#records.get(id)));
      if (!resolved) continue;
      const inputs = this.#inputFacts(node);
      if (resolved.record) {
        this.#cached(node, resolved.record, this.#outputFacts(node, resolved.record));
        this.#advance(node);
        continue;
      }
      const broken = this.#planning.broken(node, inputs);
      if (broken.length > 0) this.#fail(node, this.#planning.error(broken).message, resolved.key);
      else this.#offer({ node, resolved, reason: this.#planning.reason(node, resolved) });
    }
  }

  /** Starts what can be started. */
  #pump(): void {
    this.#ready.sort((a, b) => this.#rank.get(a.node.id)! - this.#rank.get(b.node.id)!);
    for (const ready of [...this.#ready]) {
      if (this.#halted !== undefined) return;
      const { node } = ready;
      if (this.#blocked(ready)) {
        this.#ready.splice(this.#ready.indexOf(ready), 1);
        return this.#pump();
      }
      const need = { ...node.instance.definition.resources, device: this.#deviceName(node) };
      if (!this.#capacity.take(node.id, need)) continue;
      this.#ready.splice(this.#ready.indexOf(ready), 1);
      this.#running.set(node.id, undefined);
      const task = this.#work(ready).catch((error) => this.#lost(ready, error)).finally(() => {
        this.#capacity.give(node.id);
        this.#running.delete(node.id);
        this.#tasks.delete(task);
        this.#pump();
      });
      this.#tasks.add(task);
    }
  }

  #deviceName(node: GraphNode): string | undefined {
    const device = this.#planning.deviceOf(node);
    return device?.backend === "webgpu" ? device.class : undefined;
  }

  /**
   * Whether bytes that a stage needs are gone from the store, though their digest is known. The stages
   * that made them are started again then, and this one waits for them.
   */
  #blocked(ready: Ready): boolean {
    const { store } = this.#options;
    let blocked = false;
    for (const { binding } of ready.node.inputs) {
      if (binding.kind !== "output") continue;
      const record = this.#records.get(binding.stage)!;
      if (store.hasBytes(record.outputs[binding.output]!.digest)) continue;
      blocked = true;
      const waiting = this.#reviving.get(binding.stage);
      if (waiting) {
        if (!waiting.includes(ready)) waiting.push(ready);
        continue;
      }
      this.#reviving.set(binding.stage, [ready]);
      this.#ready.push({
        node: this.#planning.graph.node(binding.stage),
        resolved: { key: record.key, manifest: record.manifest, record: undefined },
        reason: `its bytes are gone and ${ready.node.id} needs them`,
      });
    }
    return blocked;
  }

  async #work(ready: Ready): Promise<void> {
    const { node, resolved } = ready;
    const { store } = this.#options;
    const reviving = this.#reviving.has(node.id);
    const lease = ready.lease ?? await tryClaim(store, resolved.key);
    if (!lease) return this.#awaitLease(ready);
    const begun = performance.now();
    try {
      const published = reviving ? undefined : this.#planning.lookup(resolved.key);
      if (published) {
        this.#cached(node, published, this.#outputFacts(node, published));
        return this.#advance(node);
      }
      const result = await makeAttempt(this.#planning, node, resolved, {
        executor: this.#executor,
        lease,
        onStart: ({ resumed }) =>
          this.#emit({
            type: "stage-start",
            id: node.id,
            uses: node.instance.definition.name,
            reason: ready.reason,
            resumed,
          }),
        onSubmitted: (submission) => {
          this.#running.set(node.id, submission);
          const presses = this.#options.control?.presses ?? 0;
          if (presses > 0) submission.stop();
          if (presses > 1) submission.cancel();
        },
        onMessage: (message) => this.#relay(node, message),
      });
      this.#settle(node, resolved.key, result, (performance.now() - begun) / 1000);
    } finally {
      await lease.release();
    }
  }

  /** Another process computes the key: waits for it without holding cores. */
  #awaitLease(ready: Ready): void {
    const { node, resolved: { key } } = ready;
    this.#emit({
      type: "log",
      id: node.id,
      level: "info",
      message: "another process computes it; waiting for its result",
    });
    const task = claim(this.#options.store, key, {
      settled: () => this.#halted !== undefined || this.#planning.lookup(key) !== undefined,
      onTakeover: (message) => this.#emit({ type: "log", id: node.id, level: "info", message }),
    }).then(async (lease) => {
      const record = this.#planning.lookup(key);
      if (!record && lease) {
        this.#ready.push({ ...ready, lease });
        return;
      }
      await lease?.release();
      if (record) {
        this.#cached(node, record, this.#outputFacts(node, record));
        this.#advance(node);
      }
    }).catch((error) => this.#lost(ready, error)).finally(() => {
      this.#tasks.delete(task);
      this.#pump();
    });
    this.#tasks.add(task);
  }

  /** Something beside the stage itself went wrong, such as a full disk where its lease should lie. */
  #lost({ node, resolved }: Ready, error: unknown): void {
    const { message } = explained(error, this.#options.store.root) as Error;
    this.#fail(node, message, resolved.key);
  }

  #relay(node: GraphNode, message: WorkerMessage): void {
    const { id } = node;
    if (message.type === "progress") this.#emit({ ...message, id });
    else if (message.type === "log") this.#emit({ ...message, id });
  }

  #settle(node: GraphNode, key: string, result: AttemptResult, seconds: number): void {
    const { logFile } = result;
    const revived = this.#reviving.get(node.id) ?? [];
    this.#reviving.delete(node.id);
    if (result.status === "done") {
      this.#records.set(node.id, result.record);
      this.#facts.set(node.id, this.#outputFacts(node, result.record));
      this.#end(node, "ran", { record: result.record, seconds, logFile });
      this.#ready.push(...revived);
      this.#advance(node);
      return;
    }
    const stopped = result.status === "stopped" || (this.#options.control?.presses ?? 0) > 1;
    if (stopped) {
      const reason = "stopped; the next run goes on from its last checkpoint";
      this.#end(node, "stopped", { key, seconds, reason, logFile });
    } else {
      this.#fail(node, result.message, key, { seconds, logFile, logTail: result.logTail });
    }
    for (const waiting of revived) this.#skip(waiting.node, node.id);
  }

  #fail(
    node: GraphNode,
    reason: string,
    key: string,
    more: { seconds?: number; logFile?: string | undefined; logTail?: readonly string[] } = {},
  ): void {
    this.#end(node, "failed", { key, reason, ...more });
    for (const next of node.dependents) this.#skip(next, node.id);
    if (this.#options.onError === "stop") {
      this.#halted ??= `not started: ${node.id} failed, and the run stops at the first failure`;
    }
  }

  #skip(node: GraphNode, failed: string): void {
    const stack = [node];
    for (let next = stack.pop(); next; next = stack.pop()) {
      if (this.#summaries.has(next.id)) continue;
      this.#end(next, "skipped", { reason: `${failed} failed` });
      stack.push(...[...next.dependents].reverse());
    }
  }

  #press(presses: number): void {
    this.#emit({ type: "stopping", presses });
    this.#halted ??= "not started: the run was stopped";
    for (const submission of this.#running.values()) {
      if (presses > 1) submission?.cancel();
      else submission?.stop();
    }
  }

  #inputFacts(node: GraphNode): PortFacts {
    return this.#planning.inputFacts(node, (id) => this.#facts.get(id));
  }

  #outputFacts(node: GraphNode, record: ActionRecord): PortFacts {
    return this.#planning.outputFacts(node, this.#inputFacts(node), record);
  }

  /** Writes a stage's row of the summary and says so. */
  #end(node: GraphNode, status: StageStatus, what: {
    record?: ActionRecord;
    key?: string;
    attempt?: number;
    seconds?: number;
    reason?: string;
    logFile?: string | undefined;
    logTail?: readonly string[];
  }): void {
    const { record } = what;
    const key = record?.key ?? what.key;
    const logFile = what.logFile ??
      (record && what.attempt ? logPath(this.#options.store, record.key, what.attempt) : undefined);
    const stage: StageSummary = {
      id: node.id,
      uses: node.instance.definition.name,
      status,
      ...(key === undefined ? {} : { key }),
      seconds: what.seconds ?? 0,
      outputs: Object.entries(record?.outputs ?? {}).map(([name, { type, digest, bytes }]) => ({
        name,
        type,
        digest,
        bytes,
      })),
      metrics: record?.metrics ?? {},
      ...(what.reason === undefined ? {} : { reason: what.reason }),
      ...(logFile === undefined ? {} : { logFile }),
    };
    this.#summaries.set(node.id, stage);
    if (status === "cached") this.#emit({ type: "stage-cached", stage });
    else if (status === "ran") this.#emit({ type: "stage-done", stage });
    else if (status === "failed") {
      this.#emit({ type: "stage-failed", stage, logTail: what.logTail ?? [] });
    } else this.#emit({ type: "stage-skipped", stage });
  }

  async #finish(): Promise<RunSummary> {
    const { graph, index } = this.#planning;
    const stages = graph.nodes.map(({ id }) => this.#summaries.get(id)!);
    const stopped = (this.#options.control?.presses ?? 0) > 0 &&
      stages.some(({ status }) => status === "stopped" || status === "skipped");
    const summary: RunSummary = {
      experiment: graph.experiment.name,
      status: stopped
        ? "stopped"
        : stages.some(({ status }) => status === "failed")
        ? "failed"
        : "done",
      seconds: (performance.now() - this.#begun) / 1000,
      stages,
    };
    index.save();
    try {
      await writeHistory(
        this.#options.store,
        graph.experiment.name,
        Object.fromEntries([...this.#records].map(([id, { key }]) => [id, key])),
      );
      await writeRun(this.#options.store, summary, this.#started);
    } catch (error) {
      this.#emit({ type: "log", id: "run", level: "warn", message: (error as Error).message });
    }
    this.#emit({ type: "run-done", summary });
    return summary;
  }
}
