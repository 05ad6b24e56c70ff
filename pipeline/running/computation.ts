/**
 * The computing part of an attempt: submits a prepared attempt, hears what the stage states, and waits
 * for its end. Nothing of it enters the store: a run publishes what came of it, `verify` compares it.
 *
 * @module
 */
import type { Executor, Outcome, Submission } from "../executors/executor.ts";
import { digestExternal } from "../external.ts";
import type { GraphNode } from "../graph.ts";
import type { Lease } from "./lease.ts";
import type { WorkerMessage } from "../messages.ts";
import type { Planning, Resolved } from "../planning.ts";
import type { Attempt } from "./scratch.ts";
import type { Facts } from "../stage.ts";

/** What a computation needs and tells. */
export interface ComputationHooks {
  /** Where it runs. */
  readonly executor: Executor;
  /** Is told the child process that may write into the attempt's folder. */
  readonly lease: Pick<Lease, "setChild">;
  /** Told when it can be stopped; the stage may have been asked to stop by then. */
  readonly onSubmitted: (submission: Submission) => void;
  /** Told what the stage says, in order. */
  readonly onMessage: (message: WorkerMessage) => void;
}

/** A computation at its end. */
export interface Computation {
  /** How it ended. */
  readonly outcome: Outcome;
  /** What the stage stated until then. */
  readonly said: Statements;
  /** When it was submitted. */
  readonly started: Date;
  /** When nothing of it could write any more. */
  readonly ended: Date;
}

/** What a stage stated while it ran. */
export class Statements {
  /** Figures of the result by name. */
  readonly metrics: Record<string, number> = {};
  /** Facts by output. */
  readonly facts: Record<string, Facts> = {};
  /** It asked whether bad input is fatal. */
  strictRead = false;

  /** Takes in a message of the stage's. */
  hear(message: WorkerMessage): void {
    if (message.type === "metric") this.metrics[message.name] = message.value;
    else if (message.type === "strict-read") this.strictRead = true;
    else if (message.type === "facts") {
      this.facts[message.output] = { ...this.facts[message.output], ...message.facts };
    }
  }
}

/**
 * Runs a prepared attempt to its end. When this returns or throws, nothing of it can write any more.
 *
 * @throws {Error} If it cannot be started, or an external input changed while it ran.
 */
export async function compute(
  planning: Planning,
  node: GraphNode,
  resolved: Resolved,
  { folder, checkpoints, inputs, outputs, logFile, names }: Attempt,
  hooks: ComputationHooks,
): Promise<Computation> {
  const { strict = false, allowSoftware = false, threads } = planning.options;
  const { definition, params } = node.instance;
  const device = planning.deviceOf(node);
  const started = new Date();
  const said = new Statements();
  const submission = await hooks.executor.submit({
    instance: node.instance,
    experimentFile: planning.graph.experiment.file,
    entry: planning.entry(node),
    worker: {
      stage: node.id,
      params,
      ...(device ? { backend: device.backend, deviceClass: device.class } : {}),
      allowSoftware,
      strict,
      ...(threads === undefined ? {} : { threads }),
      inputs,
      outputs,
      mayRun: (definition.allow?.run?.length ?? 0) > 0,
      checkpoints,
    },
    folder,
    store: planning.options.store.root,
    logFile,
    code: planning.closure(node).files,
    project: planning.project,
    names,
  }, (message) => {
    said.hear(message);
    hooks.onMessage(message);
  });
  try {
    if (submission.pid !== undefined) await hooks.lease.setChild(submission.pid);
    hooks.onSubmitted(submission);
  } catch (error) {
    submission.cancel();
    await submission.wait();
    throw error;
  }
  const outcome = await submission.wait();
  if (outcome.status === "done") await checkExternals(planning, node, resolved);
  return { outcome, said, started, ended: new Date() };
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
