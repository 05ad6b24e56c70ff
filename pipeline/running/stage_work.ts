/**
 * The work on one stage that may start: computed here, unless another process computes it or is at its
 * device. While it waits for another process it holds nothing, so that no two ever wait for each other.
 *
 * @module
 */
import type { AttemptResult } from "./attempt.ts";
import { makeAttempts } from "./attempts.ts";
import type { Need } from "./capacity.ts";
import type { Checkout } from "./checkout.ts";
import { deviceIsFree, type DeviceLock, tryLockDevice } from "./device_lock.ts";
import type { Executor, Submission } from "../executors/executor.ts";
import type { GraphNode } from "../graph.ts";
import { claim, type Lease, type LeaseManner, tryClaim } from "./lease.ts";
import type { Planning, Resolved } from "../planning.ts";
import type { RunControl } from "./run_control.ts";
import type { ActionRecord } from "../store/store.ts";
import type { RunEvent } from "../types.ts";

/** A stage that may be started. */
export interface ReadyStage {
  /** Its place in the graph. */
  readonly node: GraphNode;
  /** Its key and what that was made of. */
  readonly resolved: Resolved;
  /** Lower ones go first. */
  readonly rank: number;
  /** What it takes of the machine while it runs. */
  readonly need: Need;
  /** Asked for when the stage starts. */
  readonly reason: () => string;
  /** Held already, after another process gave it up. */
  readonly lease?: Lease | undefined;
  /** What is to be known of its next attempt. */
  readonly note?: string | undefined;
}

/** What work on a stage came to. */
export type WorkEnd =
  | { readonly kind: "ended"; readonly result: EndedAttempt; readonly seconds: number }
  /** Another process published it. */
  | { readonly kind: "published"; readonly record: ActionRecord }
  /** It is to start again when it can. */
  | { readonly kind: "again"; readonly stage: ReadyStage }
  /** The run was stopped while it waited. */
  | { readonly kind: "nothing" }
  /** Another process is in the way. Nothing is held meanwhile. */
  | {
    readonly kind: "waits";
    /** The device that the other process computes on. */
    readonly device?: string;
    /** Waits. */
    readonly until: () => Promise<WorkEnd>;
  };

/** A result that is one of this process's own. */
export type EndedAttempt = Exclude<AttemptResult, { readonly status: "inputs-gone" | "lost" }>;

/** What work on stages takes. */
export interface StageWorkParts {
  /** What keys hang on. */
  readonly planning: Planning;
  /** Where stages run. */
  readonly executor: Executor;
  /** By which the run is stopped. */
  readonly control: RunControl;
  /** How this process takes part in leases. */
  readonly leases: LeaseManner;
  /** The checkout that stages run from; asked when the first one starts. */
  readonly checkout: () => Promise<Checkout | undefined>;
  /** The result that another process published and that this run can use. */
  readonly published: (stage: ReadyStage) => ActionRecord | undefined;
  /** Whether nothing more is to be started. */
  readonly halted: () => boolean;
  /** Told when a stage can be stopped. */
  readonly onSubmitted: (id: string, submission: Submission) => void;
  /** Told what happens. */
  readonly emit: (event: RunEvent) => void;
}

/** Works on stages. */
export class StageWork {
  readonly #parts: StageWorkParts;

  /** Works on nothing yet. */
  constructor(parts: StageWorkParts) {
    this.#parts = parts;
  }

  /** Does what is to be done for a stage. */
  async begin(stage: ReadyStage): Promise<WorkEnd> {
    const { planning, leases, published } = this.#parts;
    let device: DeviceLock | undefined;
    let lease = stage.lease;
    try {
      if (stage.need.device !== undefined) {
        device = await tryLockDevice(stage.need.device);
        if (!device) return this.#awaitDevice(stage, stage.need.device);
      }
      lease ??= await tryClaim(planning.options.store, stage.resolved.key, leases);
      if (!lease) return this.#awaitLease(stage);
      const record = published(stage);
      return record ? { kind: "published", record } : await this.#compute(stage, lease);
    } finally {
      device?.release();
      await lease?.release();
    }
  }

  async #compute(stage: ReadyStage, lease: Lease): Promise<WorkEnd> {
    const { planning, executor, control, checkout, onSubmitted, emit } = this.#parts;
    const { node, resolved, reason } = stage;
    const { id, instance: { definition: { name: uses } } } = node;
    const begun = performance.now();
    const result = await makeAttempts(planning, node, resolved, {
      halted: this.#parts.halted,
      say: (message) => emit({ type: "log", id, level: "warn", message }),
      executor,
      lease,
      checkout,
      note: stage.note,
      wasCancelled: () => control.presses > 1,
      onStart: ({ resumed }) =>
        emit({ type: "stage-start", id, uses, key: resolved.key, reason: reason(), resumed }),
      onSubmitted: (submission) => onSubmitted(id, submission),
      onMessage: (message) => {
        if (message.type === "progress" || message.type === "log") emit({ ...message, id });
      },
    });
    if (result.status === "inputs-gone") {
      return { kind: "again", stage: { ...stage, lease: undefined } };
    }
    if (result.status === "lost") return this.#awaitLease(stage);
    return { kind: "ended", result, seconds: (performance.now() - begun) / 1000 };
  }

  #awaitLease(stage: ReadyStage): WorkEnd {
    const { planning, leases, published, halted } = this.#parts;
    const { resolved: { key } } = stage;
    this.#say(stage, "another process computes it; waiting for its result");
    let note: string | undefined;
    const until = async (): Promise<WorkEnd> => {
      const lease = await claim(planning.options.store, key, {
        settled: () => halted() || published(stage) !== undefined,
        onTakeover: (message) => this.#say(stage, note = message),
      }, leases);
      const record = published(stage);
      if (!record && lease) return { kind: "again", stage: { ...stage, lease, note } };
      await lease?.release();
      return record ? { kind: "published", record } : { kind: "nothing" };
    };
    return { kind: "waits", until };
  }

  #awaitDevice(stage: ReadyStage, device: string): WorkEnd {
    this.#say(stage, "another process computes on the device; waiting for its turn");
    const until = async (): Promise<WorkEnd> => {
      await deviceIsFree(device, this.#parts.halted);
      return { kind: "again", stage: { ...stage, lease: undefined } };
    };
    return { kind: "waits", device, until };
  }

  #say({ node: { id } }: ReadyStage, message: string): void {
    this.#parts.emit({ type: "log", id, level: "info", message });
  }
}
