/**
 * One attempt at an action: prepare its folder, run it, check what it did, publish what it made.
 *
 * @module
 */
import { digestExternal } from "./external.ts";
import type { Executor, Submission } from "./executors/executor.ts";
import type { GraphNode } from "./graph.ts";
import type { Lease } from "./lease.ts";
import type { WorkerMessage } from "./messages.ts";
import type { Planning, Resolved } from "./planning.ts";
import { type Attempt, beginAttempt, endAttempt, endScratch } from "./scratch.ts";
import type { Facts } from "./stage.ts";
import { explained } from "./store/disk.ts";
import type { ActionRecord, OutputRecord } from "./store/store.ts";

/** What an attempt came to. */
export type AttemptResult =
  | { readonly status: "done"; readonly record: ActionRecord; readonly logFile: string }
  | { readonly status: "stopped"; readonly logFile: string | undefined }
  | {
    readonly status: "failed";
    readonly message: string;
    readonly logTail: readonly string[];
    readonly logFile: string | undefined;
  };

/** What an attempt needs and tells. */
export interface AttemptHooks {
  readonly executor: Executor;
  readonly lease: Lease;
  /** Told when the stage is about to start. */
  readonly onStart: (attempt: Attempt) => void;
  /** Told when it can be stopped; the stage may have been asked to stop by then. */
  readonly onSubmitted: (submission: Submission) => void;
  readonly onMessage: (message: WorkerMessage) => void;
}

/** Makes an attempt. Never rejects: whatever goes wrong is the attempt's failure. */
export async function makeAttempt(
  planning: Planning,
  node: GraphNode,
  resolved: Resolved,
  hooks: AttemptHooks,
): Promise<AttemptResult> {
  let attempt: Attempt | undefined;
  let submission: Submission | undefined;
  try {
    const { store, strict = false, allowSoftware = false } = planning.options;
    const { definition, params } = node.instance;
    const device = planning.deviceOf(node);
    attempt = await beginAttempt(store, resolved.key, node, resolved.manifest);
    const { folder, checkpoints, inputs, outputs, logFile, names } = attempt;
    hooks.onStart(attempt);
    const started = new Date();
    const said = new Statements();
    submission = await hooks.executor.submit({
      id: node.id,
      entry: planning.entry(node),
      worker: {
        stage: node.id,
        params,
        ...(device ? { backend: device.backend } : {}),
        allowSoftware,
        strict,
        inputs,
        outputs,
        checkpoints,
      },
      folder,
      logFile,
      code: planning.closure(node).files,
      project: planning.project,
      memoryMiB: definition.resources.memoryMiB,
      names,
    }, (message) => {
      said.hear(message);
      hooks.onMessage(message);
    });
    if (submission.pid !== undefined) await hooks.lease.setChild(submission.pid);
    hooks.onSubmitted(submission);
    const outcome = await submission.wait();
    if (outcome.status === "stopped") {
      await endAttempt(attempt);
      return { status: "stopped", logFile };
    }
    if (outcome.status === "failed") throw new Error(outcome.message);

    await checkExternals(planning, node, resolved);
    const ended = new Date();
    const taken: Record<string, OutputRecord> = {};
    for (const [name, port] of Object.entries(definition.outputs)) {
      taken[name] = await store.takeTree(outputs[name]!, port.type);
      if (taken[name].files === 0) {
        throw new Error(`It wrote no file into its output "${name}".`);
      }
    }
    const record: ActionRecord = {
      format: "action-record/1",
      key: resolved.key,
      manifest: resolved.manifest,
      outputs: taken,
      metrics: said.metrics,
      facts: said.facts,
      strict: !said.strictRead ? "unread" : strict ? "on" : "off",
      provenance: {
        deno: Deno.version.deno,
        v8: Deno.version.v8,
        platform: `${Deno.build.os} ${Deno.build.arch}`,
        host: Deno.hostname(),
        ...(device ? { device: { ...device } } : {}),
        started: started.toISOString(),
        ended: ended.toISOString(),
        seconds: (ended.getTime() - started.getTime()) / 1000,
        ...(outcome.peakMemoryMiB === undefined ? {} : { peakMemoryMiB: outcome.peakMemoryMiB }),
        attempts: attempt.number,
        experiment: planning.graph.experiment.name,
        stage: node.id,
      },
    };
    await store.writeAction(record);
    await endScratch(store, resolved.key);
    return { status: "done", record, logFile };
  } catch (error) {
    submission?.cancel();
    await submission?.wait();
    if (attempt) await endAttempt(attempt);
    return {
      status: "failed",
      message: (explained(error, planning.options.store.root) as Error).message,
      logTail: submission?.logTail() ?? [],
      logFile: attempt?.logFile,
    };
  }
}

/** What a stage stated while it ran. */
class Statements {
  readonly metrics: Record<string, number> = {};
  readonly facts: Record<string, Facts> = {};
  strictRead = false;

  hear(message: WorkerMessage): void {
    if (message.type === "metric") this.metrics[message.name] = message.value;
    else if (message.type === "strict-read") this.strictRead = true;
    else if (message.type === "facts") {
      this.facts[message.output] = { ...this.facts[message.output], ...message.facts };
    }
  }
}

/** A user's file that changed under a running stage is not what its key says. */
async function checkExternals(
  planning: Planning,
  node: GraphNode,
  { manifest }: Resolved,
): Promise<void> {
  for (const { name, binding } of node.inputs) {
    if (binding.kind !== "external") continue;
    const { digest } = await digestExternal(binding.path, planning.index);
    if (digest !== manifest.inputs[name]) {
      throw new Error(
        `Its input "${name}" (${binding.path}) changed while it ran, so the result is of neither ` +
          `version. Run again when the files are complete.`,
      );
    }
  }
}
