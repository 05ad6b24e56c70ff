/**
 * One attempt at an action: prepare its folder, run it, check what it did, publish what it made.
 *
 * @module
 */
import { type ComputationHooks, compute } from "./computation.ts";
import type { Submission } from "./executors/executor.ts";
import type { GraphNode } from "./graph.ts";
import type { Planning, Resolved } from "./planning.ts";
import { type Attempt, beginAttempt, endAttempt, endScratch } from "./scratch.ts";
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
export interface AttemptHooks extends ComputationHooks {
  /** Told when the stage is about to start. */
  readonly onStart: (attempt: Attempt) => void;
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
    const { store, strict = false } = planning.options;
    const { definition } = node.instance;
    const device = planning.deviceOf(node);
    attempt = await beginAttempt(store, resolved.key, node, resolved.manifest);
    const { outputs, logFile } = attempt;
    hooks.onStart(attempt);
    const { outcome, said, started, ended } = await compute(planning, node, resolved, attempt, {
      ...hooks,
      onSubmitted(begun) {
        submission = begun;
        hooks.onSubmitted(begun);
      },
    });
    if (outcome.status === "stopped") {
      await endAttempt(attempt);
      return { status: "stopped", logFile };
    }
    if (outcome.status === "failed") throw new Error(outcome.message);

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
        sources: node.instance.inputs,
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
