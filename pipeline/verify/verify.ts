/**
 * Verifies an experiment's results: `verify(experiment, options, onEvent)`.
 *
 * Each stage that was computed is computed again, apart from what is published, from its stored inputs
 * and not from what this verification recomputed: a stage that yields other bytes is found by its own
 * name, and those after it are still held against what they were made from. So stages need not wait for
 * one another, and run side by side as far as cores, memory and devices go.
 *
 * @module
 */
import type { Executor } from "../executors/executor.ts";
import { planStages } from "../plan.ts";
import { Planning, type PlanOptions } from "../planning.ts";
import { removeLeftovers } from "./recomputation.ts";
import type { RunControl } from "../running/run_control.ts";
import type { Experiment, FileComparer, RunEvent } from "../types.ts";
import type { Verification } from "./verification.ts";
import { Verifier } from "./verifier.ts";

/** How a verification is made, beside what its plan hangs on. */
export interface VerifyOptions extends PlanOptions {
  /** Ids of the stages to verify (default: all). */
  readonly only?: readonly string[] | undefined;
  /** Cores that stages may declare together (default: all of the machine). */
  readonly jobs?: number | undefined;
  /** How often each stage is recomputed (default: once); a mismatch ends it early. */
  readonly times?: number | undefined;
  /** Put published bytes that are gone or damaged back, where they come out the same. */
  readonly repair?: boolean | undefined;
  /** Says how two files differ in the words of their format. */
  readonly compareFiles?: FileComparer | undefined;
  /** Where stages run (default: child processes on this machine). */
  readonly executor?: Executor | undefined;
  /** By which it is stopped; one press ends it at once. */
  readonly control?: RunControl | undefined;
}

/**
 * Verifies an experiment.
 *
 * @param onEvent Told what happens, in the events of a run: `stage-done` for a stage that came out the
 * same, `stage-failed` for one that differs or could not run. Must not throw.
 * @returns What came of each stage, in the order of the graph.
 * @throws {PlanError} If the experiment cannot be planned; nothing was recomputed then.
 */
export async function verify(
  experiment: Experiment,
  options: VerifyOptions,
  onEvent: (event: RunEvent) => void = () => {},
): Promise<Verification> {
  const begun = performance.now();
  const planning = await Planning.begin(experiment, options);
  const { stages } = planStages(planning);
  await removeLeftovers(options.store);
  const executor = options.executor ?? (await import("../executors/local.ts")).local;
  const verifier = new Verifier(planning, { ...options, executor }, onEvent);
  const { only } = options;
  const chosen = stages.filter(({ node }) => only === undefined || only.includes(node.id));
  onEvent({
    type: "run-start",
    experiment: experiment.name,
    stages: chosen.map(({ node }) => node.id),
  });
  const rows = await verifier.all(chosen);
  return {
    experiment: experiment.name,
    stopped: rows.some(({ state }) => state === "stopped"),
    seconds: (performance.now() - begun) / 1000,
    stages: rows,
  };
}
