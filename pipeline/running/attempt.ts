/**
 * One attempt at an action: prepare its folder, run it, check what it did, publish what it made.
 *
 * @module
 */
import { writeEnd, writeNote } from "./attempt_history.ts";
import type { Checkout } from "./checkout.ts";
import { type ComputationHooks, compute } from "./computation.ts";
import type { Submission } from "../executors/executor.ts";
import type { GraphNode } from "../graph.ts";
import type { Lease } from "./lease.ts";
import type { ActionManifest } from "../manifest.ts";
import type { Planning, Resolved } from "../planning.ts";
import { provenanceOf } from "./provenance.ts";
import { type Attempt, beginAttempt, endAttempt, endScratch } from "./scratch.ts";
import { explained } from "../store/disk.ts";
import type { ActionRecord, OutputRecord, Store } from "../store/store.ts";
import { beginUse, whileUsing } from "../store_guard.ts";

/** What an attempt came to. */
export type AttemptResult =
  | { readonly status: "done"; readonly record: ActionRecord; readonly logFile: string }
  | { readonly status: "stopped"; readonly logFile: string | undefined }
  /** Bytes of its inputs went after they were looked for; nothing was begun. */
  | { readonly status: "inputs-gone" }
  /** Another process took this one for dead and computes the action itself; nothing was published. */
  | { readonly status: "lost" }
  | {
    readonly status: "failed";
    readonly message: string;
    /** Another attempt may do: a device failed, or its driver. */
    readonly again: boolean;
    readonly logTail: readonly string[];
    readonly logFile: string | undefined;
  };

/** What an attempt needs and tells. */
export interface AttemptHooks extends ComputationHooks {
  /** Of its key, held by this process. */
  readonly lease: Lease;
  /** Stands first in the attempt's log. */
  readonly note?: string | undefined;
  /** Told when the stage is about to start. */
  readonly onStart: (attempt: Attempt) => void;
  /** Whether the user ended it at once, so that its failure is none. */
  readonly wasCancelled: () => boolean;
  /** The checkout it runs from; asked when it starts. */
  readonly checkout: () => Promise<Checkout | undefined>;
}

/** Makes an attempt. Never rejects: whatever goes wrong is the attempt's failure. */
export async function makeAttempt(
  planning: Planning,
  node: GraphNode,
  resolved: Resolved,
  hooks: AttemptHooks,
): Promise<AttemptResult> {
  const { store, strict = false } = planning.options;
  const { lease } = hooks;
  let attempt: Attempt | undefined;
  let submission: Submission | undefined;
  let again = false;
  const giveUp = async (ended: string) => {
    if (!attempt) return;
    writeEnd(attempt.logFile, ended);
    await endAttempt(attempt);
  };
  try {
    checkDevice(planning, node, resolved);
    attempt = await whileUsing(store, async () => {
      if (!inputsAreHere(store, node, resolved.manifest)) return undefined;
      return await beginAttempt(store, resolved.key, node, resolved.manifest);
    });
    if (!attempt) return { status: "inputs-gone" };
    const { outputs, logFile } = attempt;
    if (hooks.note !== undefined) writeNote(logFile, hooks.note);
    hooks.onStart(attempt);
    const checkout = hooks.checkout();
    lease.onLost(() => submission?.cancel());
    const computation = await compute(planning, node, resolved, attempt, {
      ...hooks,
      onSubmitted(begun) {
        submission = begun;
        hooks.onSubmitted(begun);
      },
    });
    const { outcome, said } = computation;
    if (outcome.status === "stopped") {
      await giveUp("stopped");
      return { status: "stopped", logFile };
    }
    if (outcome.status === "failed") {
      again = outcome.again === true;
      throw new Error(outcome.message);
    }
    if (!lease.isHeld()) throw new Error("lost");

    await using _ = await beginUse(store);
    const taken: Record<string, OutputRecord> = {};
    for (const [name, port] of Object.entries(node.instance.definition.outputs)) {
      taken[name] = await store.takeTree(outputs[name]!, port.type);
      if (taken[name].files === 0) {
        throw new Error(`It wrote no file into its output "${name}".`);
      }
    }
    const { key, manifest } = resolved;
    const record: ActionRecord = {
      format: "action-record/1",
      key,
      manifest,
      outputs: taken,
      metrics: said.metrics,
      facts: said.facts,
      strict: !said.strictRead ? "unread" : strict ? "on" : "off",
      provenance: provenanceOf(planning, node, key, attempt.number, computation, await checkout),
    };
    await store.writeAction(record);
    writeEnd(logFile, "done");
    // What is left of another process's attempt at the same action is not ours to remove.
    if (lease.isHeld()) await endScratch(store, key);
    return { status: "done", record, logFile };
  } catch (error) {
    submission?.cancel();
    await submission?.wait();
    const logFile = attempt?.logFile;
    if (attempt && !lease.isHeld()) {
      await giveUp("lost: its runner was suspended, and another took over");
      return { status: "lost" };
    }
    if (hooks.wasCancelled()) {
      await giveUp("stopped: ended at once");
      return { status: "stopped", logFile };
    }
    const { message } = explained(error, store.root) as Error;
    await giveUp(`failed: ${message}`);
    return { status: "failed", message, again, logTail: submission?.logTail() ?? [], logFile };
  }
}

/** Only a taken result of another class can be asked for by its own key: see other_devices.ts. */
function checkDevice(planning: Planning, node: GraphNode, { manifest }: Resolved): void {
  const device = planning.deviceOf(node);
  if (manifest.device === device?.class) return;
  throw new Error(
    `The bytes of its result, which is one of ${manifest.device}, went from the store ` +
      `meanwhile, and only that class of device could make them again. Run again: it is ` +
      `computed on ${device?.class} then.`,
  );
}

/** Whether the bytes of all artifacts that a stage takes are in the store. */
function inputsAreHere(store: Store, node: GraphNode, { inputs }: ActionManifest): boolean {
  return node.inputs.every(({ name, binding }) =>
    binding.kind === "external" || store.hasBytes(inputs[name]!.slice("tree:".length))
  );
}
