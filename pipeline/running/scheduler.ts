/**
 * Decides what runs when: stages whose inputs exist, as far as cores, memory and devices go.
 *
 * A stage is *offered* once its key is known and the store has nothing under it. It then waits for
 * capacity, for other processes that are in its way, and for the bytes of its inputs if they are gone
 * from the store. No stage is ever run whose result is there. Every step costs as much as there are
 * stages that it touches, however many are ready.
 *
 * @module
 */
import type { Capacity } from "./capacity.ts";
import type { Checkout } from "./checkout.ts";
import type { Executor, Submission } from "../executors/executor.ts";
import type { GraphNode } from "../graph.ts";
import type { LeaseManner } from "./lease.ts";
import { digestsOf, type PlannedStage } from "../plan.ts";
import type { Planning, Resolved } from "../planning.ts";
import { ReadyLine } from "./ready_line.ts";
import { Reviving } from "./reviving.ts";
import type { RunControl } from "./run_control.ts";
import type { EndDetails, RunLedger } from "./run_ledger.ts";
import { type ReadyStage, StageWork, type WorkEnd } from "./stage_work.ts";
import { explained } from "../store/disk.ts";
import { Tasks } from "./tasks.ts";
import type { RunEvent } from "../types.ts";

/** What a scheduler works with. */
export interface SchedulerParts {
  /** What keys hang on. */
  readonly planning: Planning;
  /** Where the ends of stages are written down. */
  readonly ledger: RunLedger;
  /** Where stages run. */
  readonly executor: Executor;
  /** What the machine can bear at once. */
  readonly capacity: Capacity;
  /** By which the run is stopped. */
  readonly control: RunControl;
  /** How this process takes part in leases. */
  readonly leases: LeaseManner;
  /** Nothing more is started once a stage failed. */
  readonly stopAtFailure: boolean;
  /** The checkout that stages run from; asked when the first one starts. */
  readonly checkout: () => Promise<Checkout | undefined>;
  /** Told what happens. */
  readonly emit: (event: RunEvent) => void;
}

/** Runs the stages of one run. */
export class Scheduler {
  readonly #parts: SchedulerParts;
  readonly #work: StageWork;
  readonly #line = new ReadyLine<ReadyStage>();
  readonly #reviving: Reviving<ReadyStage>;
  readonly #rank: ReadonlyMap<string, number>;
  /** By stage id: how many of the stages before it have no result yet. */
  readonly #missing = new Map<string, number>();
  readonly #running = new Map<string, Submission>();
  /** By a key that is worked on or waited for: other stages of this run that have the same. */
  readonly #twins = new Map<string, ReadyStage[]>();
  readonly #tasks = new Tasks();
  /** Why nothing more is started. */
  #halted: string | undefined;

  /** Starts nothing yet. */
  constructor(parts: SchedulerParts) {
    const { planning, ledger, control } = parts;
    this.#parts = parts;
    this.#rank = new Map(planning.graph.nodes.map(({ id }, i) => [id, i]));
    for (const { id, dependencies } of planning.graph.nodes) {
      this.#missing.set(id, dependencies.length);
    }
    this.#reviving = new Reviving(planning.options.store, (id) => ledger.record(id));
    this.#work = new StageWork({
      ...parts,
      halted: () => this.#halted !== undefined,
      published: ({ node, resolved }) =>
        this.#reviving.whole(node.id, planning.lookup(resolved.key)),
      onSubmitted: (id, submission) => {
        this.#running.set(id, submission);
        if (control.presses > 0) submission.stop();
        if (control.presses > 1) submission.cancel();
      },
    });
  }

  /** Brings all stages of a plan to their ends. */
  async all(stages: readonly PlannedStage[]): Promise<void> {
    const { ledger, control, planning } = this.#parts;
    const forget = control.onPress((presses) => this.#press(presses));
    try {
      for (const { node, record } of stages) {
        if (!record) continue;
        ledger.cached(node, record);
        for (const { id } of node.dependents) this.#missing.set(id, this.#missing.get(id)! - 1);
      }
      for (const stage of stages) {
        const { node, record, resolved } = stage;
        if (!record && resolved) this.#offer(node, resolved, () => stage.reason);
      }
      this.#pump();
      await this.#tasks.idle();
    } finally {
      forget();
      for (const { lease } of this.#line.drain()) await lease?.release();
    }
    for (const node of planning.graph.nodes) {
      ledger.skippedAfter(node, this.#halted ?? "not started");
    }
  }

  #offer(node: GraphNode, resolved: Resolved, reason: () => string): void {
    const device = this.#parts.planning.deviceOf(node);
    const need = {
      ...this.#parts.planning.resourcesOf(node),
      device: device?.backend === "webgpu" ? device.class : undefined,
    };
    this.#line.add({ node, resolved, reason, need, rank: this.#rank.get(node.id)! });
  }

  /** Starts what can be started. */
  #pump(): void {
    while (this.#halted === undefined) {
      const stage = this.#line.next(this.#parts.capacity);
      if (!stage) return;
      const twins = this.#twins.get(stage.resolved.key);
      if (twins) {
        // The other one waits for the lease that this one got.
        void stage.lease?.release();
        twins.push({ ...stage, lease: undefined });
      } else if (!this.#revive(stage)) this.#start(stage);
    }
  }

  /** Offers the stages again whose bytes a stage needs and that are gone. */
  #revive(stage: ReadyStage): boolean {
    const revivals = this.#reviving.hold(stage);
    for (const { id, record: { key, manifest } } of revivals ?? []) {
      const reason = () => `its bytes are gone and ${stage.node.id} needs them`;
      const node = this.#parts.planning.graph.node(id);
      this.#offer(node, { key, manifest, record: undefined }, reason);
    }
    return revivals !== undefined;
  }

  #start(stage: ReadyStage): void {
    const { capacity, planning } = this.#parts;
    const { node: { id }, resolved: { key }, need } = stage;
    capacity.take(id, need);
    this.#twins.set(key, []);
    this.#tasks.add(async () => {
      try {
        let end = await this.#work.begin(stage).finally(() => {
          capacity.give(id);
          this.#running.delete(id);
        });
        while (end.kind === "waits") {
          const waiting = `${id} waits`;
          if (end.device !== undefined) capacity.block(waiting, end.device);
          this.#pump();
          end = await end.until().finally(() => capacity.give(waiting));
        }
        this.#settle(stage, end);
      } catch (error) {
        const { message } = explained(error, planning.options.store.root) as Error;
        this.#fail(stage, message);
      }
      const twins = this.#twins.get(key) ?? [];
      this.#twins.delete(key);
      for (const twin of twins) this.#line.add(twin);
      this.#pump();
    });
  }

  #settle(stage: ReadyStage, end: Exclude<WorkEnd, { readonly kind: "waits" }>): void {
    const { ledger } = this.#parts;
    const { node, resolved: { key, manifest } } = stage;
    const first = !ledger.hasEnded(node.id);
    if (end.kind === "nothing") return;
    if (end.kind === "again") return this.#line.add(end.stage);
    if (end.kind === "published") {
      ledger.cached(node, end.record);
      return this.#hasResult(node, first);
    }
    const { result, seconds } = end;
    const { logFile } = result;
    if (result.status === "done") {
      ledger.ran(node, result.record, { seconds, logFile });
      this.#hasResult(node, first);
    } else if (result.status === "stopped") {
      ledger.stopped(node, { key, manifest, seconds, logFile });
      this.#abandon(node.id, `${node.id} was stopped`);
    } else {
      this.#fail(stage, result.message, { seconds, logFile, logTail: result.logTail });
    }
  }

  /** @param first It has none yet: those that follow whose inputs all exist now get their key. */
  #hasResult(node: GraphNode, first: boolean): void {
    const { planning, ledger } = this.#parts;
    for (const waiting of this.#reviving.release(node.id)) this.#line.add(waiting);
    const finished = first ? [node] : [];
    for (let done = finished.pop(); done; done = finished.pop()) {
      for (const next of done.dependents) {
        const missing = this.#missing.get(next.id)! - 1;
        this.#missing.set(next.id, missing);
        if (missing > 0 || ledger.hasEnded(next.id)) continue;
        const resolved = planning.resolve(next, (id) => digestsOf(ledger.record(id)))!;
        const broken = planning.broken(next, ledger.inputFacts(next), !resolved.record);
        if (resolved.record) {
          ledger.cached(next, resolved.record);
          finished.push(next);
        } else if (broken.length > 0) {
          this.#fail({ node: next, resolved }, planning.error(broken).message);
        } else {
          this.#offer(next, resolved, () => planning.reason(next, resolved));
        }
      }
    }
  }

  #fail(
    { node, resolved: { key, manifest } }: Pick<ReadyStage, "node" | "resolved">,
    reason: string,
    details: EndDetails = {},
  ): void {
    this.#parts.ledger.failed(node, reason, { key, manifest, ...details });
    this.#abandon(node.id, `${node.id} failed`);
    if (this.#parts.stopAtFailure) {
      this.#halted ??= `not started: ${node.id} failed, and the run stops at the first failure`;
    }
  }

  /** Skips the stages that waited for bytes which do not come. */
  #abandon(id: string, reason: string): void {
    for (const { node } of this.#reviving.release(id)) {
      this.#parts.ledger.skippedAfter(node, reason);
      this.#abandon(node.id, reason);
    }
  }

  #press(presses: number): void {
    this.#parts.emit({ type: "stopping", presses });
    this.#halted ??= "not started: the run was stopped";
    for (const submission of this.#running.values()) {
      if (presses > 1) submission.cancel();
      else submission.stop();
    }
  }
}
