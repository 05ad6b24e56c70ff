/**
 * Decides what runs when: stages whose inputs exist, as far as cores, memory and devices go.
 *
 * A stage is *offered* once its key is known and the store has nothing under it. It then waits for
 * capacity, for the lease of its key if another process computes it, and for the bytes of its inputs
 * if they are gone from the store. No stage is ever run whose result is there.
 *
 * @module
 */
import { type AttemptResult, makeAttempt } from "./attempt.ts";
import type { Capacity } from "./capacity.ts";
import type { Executor, Submission } from "./executors/executor.ts";
import type { GraphNode } from "./graph.ts";
import { claim, type Lease, tryClaim } from "./lease.ts";
import { digestsOf, type PlannedStage } from "./plan.ts";
import type { Planning, Resolved } from "./planning.ts";
import type { RunControl } from "./run_control.ts";
import type { RunLedger } from "./run_ledger.ts";
import { explained } from "./store/disk.ts";
import type { RunEvent } from "./types.ts";

/** What a scheduler works with. */
export interface SchedulerParts {
  readonly planning: Planning;
  readonly ledger: RunLedger;
  readonly executor: Executor;
  readonly capacity: Capacity;
  readonly control: RunControl;
  readonly stopAtFailure: boolean;
  readonly emit: (event: RunEvent) => void;
}

/** A stage that may be started. */
interface Ready {
  readonly node: GraphNode;
  readonly resolved: Resolved;
  /** Asked for when the stage starts. */
  readonly reason: () => string;
  /** Held already, after another process gave it up. */
  readonly lease?: Lease;
}

/** Runs the stages of one run. */
export class Scheduler {
  readonly #parts: SchedulerParts;
  readonly #rank: ReadonlyMap<string, number>;
  readonly #ready: Ready[] = [];
  readonly #offered = new Set<string>();
  readonly #running = new Map<string, Submission | undefined>();
  /** By the id of a cached stage that runs again for its bytes: the stages that wait for them. */
  readonly #reviving = new Map<string, Ready[]>();
  readonly #tasks = new Set<Promise<void>>();
  /** Why nothing more is started. */
  #halted: string | undefined;

  constructor(parts: SchedulerParts) {
    this.#parts = parts;
    this.#rank = new Map(parts.planning.graph.nodes.map(({ id }, i) => [id, i]));
  }

  /** Brings all stages of a plan to their ends. */
  async all(stages: readonly PlannedStage[]): Promise<void> {
    const { ledger, control, planning } = this.#parts;
    const forget = control.onPress((presses) => this.#press(presses));
    try {
      for (const stage of stages) {
        const { node, record, resolved } = stage;
        if (record) ledger.cached(node, record);
        else if (resolved) this.#offer({ node, resolved, reason: () => stage.reason });
      }
      this.#pump();
      while (this.#tasks.size > 0) await Promise.race(this.#tasks);
    } finally {
      forget();
      for (const { lease } of this.#ready) await lease?.release();
    }
    for (const node of planning.graph.nodes) {
      ledger.skippedAfter(node, this.#halted ?? "not started");
    }
  }

  #offer(ready: Ready): void {
    this.#offered.add(ready.node.id);
    this.#ready.push(ready);
  }

  /** After a stage is done: those that follow whose inputs all exist now get their key. */
  #advance(done: GraphNode): void {
    const { planning, ledger } = this.#parts;
    const stack = [...done.dependents];
    for (let node = stack.shift(); node; node = stack.shift()) {
      if (ledger.hasEnded(node.id) || this.#offered.has(node.id)) continue;
      const resolved = planning.resolve(node, (id) => digestsOf(ledger.record(id)));
      if (!resolved) continue;
      const broken = planning.broken(node, ledger.inputFacts(node));
      if (resolved.record) {
        ledger.cached(node, resolved.record);
        stack.push(...node.dependents);
      } else if (broken.length > 0) {
        this.#fail({ node, resolved }, planning.error(broken).message);
      } else {
        this.#offer({ node, resolved, reason: () => planning.reason(node, resolved) });
      }
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
      const device = this.#parts.planning.deviceOf(node);
      const need = {
        ...node.instance.definition.resources,
        device: device?.backend === "webgpu" ? device.class : undefined,
      };
      if (!this.#parts.capacity.take(node.id, need)) continue;
      this.#ready.splice(this.#ready.indexOf(ready), 1);
      this.#running.set(node.id, undefined);
      this.#track(this.#work(ready), ready, () => {
        this.#parts.capacity.give(node.id);
        this.#running.delete(node.id);
      });
    }
  }

  /** Keeps a task in view; whatever it throws is its stage's failure. */
  #track(work: Promise<void>, ready: Ready, after: () => void): void {
    const task = work.catch((error) => {
      const { message } = explained(error, this.#parts.planning.options.store.root) as Error;
      this.#fail(ready, message);
    }).finally(() => {
      after();
      this.#tasks.delete(task);
      this.#pump();
    });
    this.#tasks.add(task);
  }

  /**
   * Whether bytes that a stage needs are gone, though their digest is known. The stages that made them
   * are offered again then, and this one waits for them.
   */
  #blocked(ready: Ready): boolean {
    const { planning, ledger } = this.#parts;
    let blocked = false;
    for (const { binding } of ready.node.inputs) {
      if (binding.kind !== "output") continue;
      const record = ledger.record(binding.stage)!;
      if (planning.options.store.hasBytes(record.outputs[binding.output]!.digest)) continue;
      blocked = true;
      const waiting = this.#reviving.get(binding.stage);
      if (waiting) {
        if (!waiting.includes(ready)) waiting.push(ready);
        continue;
      }
      this.#reviving.set(binding.stage, [ready]);
      this.#offer({
        node: planning.graph.node(binding.stage),
        resolved: { key: record.key, manifest: record.manifest, record: undefined },
        reason: () => `its bytes are gone and ${ready.node.id} needs them`,
      });
    }
    return blocked;
  }

  async #work(ready: Ready): Promise<void> {
    const { planning, ledger, executor, control, emit } = this.#parts;
    const { node, resolved, reason } = ready;
    const { id } = node;
    const lease = ready.lease ?? await tryClaim(planning.options.store, resolved.key);
    if (!lease) return this.#awaitLease(ready);
    const begun = performance.now();
    try {
      const published = this.#reviving.has(id) ? undefined : planning.lookup(resolved.key);
      if (published) {
        ledger.cached(node, published);
        return this.#advance(node);
      }
      const result = await makeAttempt(planning, node, resolved, {
        executor,
        lease,
        onStart: ({ resumed }) =>
          emit({
            type: "stage-start",
            id,
            uses: node.instance.definition.name,
            reason: reason(),
            resumed,
          }),
        onSubmitted: (submission) => {
          this.#running.set(id, submission);
          if (control.presses > 0) submission.stop();
          if (control.presses > 1) submission.cancel();
        },
        onMessage: (message) => {
          if (message.type === "progress" || message.type === "log") emit({ ...message, id });
        },
      });
      this.#settle(ready, result, (performance.now() - begun) / 1000);
    } finally {
      await lease.release();
    }
  }

  /** Another process computes the key: waits for it without holding cores. */
  #awaitLease(ready: Ready): void {
    const { planning, ledger, emit } = this.#parts;
    const { node, resolved: { key } } = ready;
    const say = (message: string) => emit({ type: "log", id: node.id, level: "info", message });
    say("another process computes it; waiting for its result");
    const wait = async () => {
      const lease = await claim(planning.options.store, key, {
        settled: () => this.#halted !== undefined || planning.lookup(key) !== undefined,
        onTakeover: say,
      });
      const record = planning.lookup(key);
      if (!record && lease) return void this.#ready.push({ ...ready, lease });
      await lease?.release();
      if (!record) return;
      ledger.cached(node, record);
      this.#advance(node);
    };
    this.#track(wait(), ready, () => {});
  }

  #settle(ready: Ready, result: AttemptResult, seconds: number): void {
    const { ledger, control } = this.#parts;
    const { node, resolved: { key, manifest } } = ready;
    const { logFile } = result;
    if (result.status === "done") {
      ledger.ran(node, result.record, { seconds, logFile });
      this.#ready.push(...this.#reviving.get(node.id) ?? []);
      this.#reviving.delete(node.id);
      this.#advance(node);
    } else if (result.status === "stopped" || control.presses > 1) {
      ledger.stopped(node, { key, manifest, seconds, logFile });
      this.#abandon(node.id, `${node.id} was stopped`);
    } else {
      this.#fail(ready, result.message, { seconds, logFile, logTail: result.logTail });
    }
  }

  #fail(
    { node, resolved: { key, manifest } }: Pick<Ready, "node" | "resolved">,
    reason: string,
    details: Parameters<RunLedger["failed"]>[2] = {},
  ): void {
    this.#parts.ledger.failed(node, reason, { key, manifest, ...details });
    this.#abandon(node.id, `${node.id} failed`);
    if (this.#parts.stopAtFailure) {
      this.#halted ??= `not started: ${node.id} failed, and the run stops at the first failure`;
    }
  }

  /** Skips the stages that waited for bytes which do not come. */
  #abandon(id: string, reason: string): void {
    const waiting = this.#reviving.get(id) ?? [];
    this.#reviving.delete(id);
    for (const { node } of waiting) {
      this.#parts.ledger.skippedAfter(node, reason);
      this.#abandon(node.id, reason);
    }
  }

  #press(presses: number): void {
    this.#parts.emit({ type: "stopping", presses });
    this.#halted ??= "not started: the run was stopped";
    for (const submission of this.#running.values()) {
      if (presses > 1) submission?.cancel();
      else submission?.stop();
    }
  }
}
