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
import { Capacity } from "./running/capacity.ts";
import { type Checkout, readCheckout } from "./running/checkout.ts";
import type { Executor } from "./executors/executor.ts";
import { type LeaseManner, leaseManner } from "./running/lease_owner.ts";
import { planStages } from "./plan.ts";
import { Planning, type PlanOptions } from "./planning.ts";
import { RunControl } from "./running/run_control.ts";
import { RunJournal } from "./history/run_journal.ts";
import { RunLedger } from "./running/run_ledger.ts";
import { Scheduler } from "./running/scheduler.ts";
import { tidyScratch } from "./running/scratch.ts";
import type { Experiment, RunEvent, RunSummary } from "./types.ts";

export { RunControl } from "./running/run_control.ts";
export { PlanError } from "./plan_error.ts";

/** How a run is made, beside what its plan hangs on. */
export interface RunOptions extends PlanOptions {
  /** Cores that running stages may declare together (default: all of the machine). */
  readonly jobs?: number | undefined;
  /** After a failure: `keep` on with all that does not follow from it (default), or start nothing more. */
  readonly onError?: "keep" | "stop" | undefined;
  /** Where stages run (default: child processes on this machine). */
  readonly executor?: Executor | undefined;
  /** How this process takes part in leases; tests change it. */
  readonly leases?: Partial<LeaseManner> | undefined;
  /** By which the run is stopped. */
  readonly control?: RunControl | undefined;
}

/**
 * Runs an experiment.
 *
 * @param onEvent Told what happens, in order. What it throws ends no stage: it is told no more, and the
 * run ends with that error.
 * @returns What came of each stage, in the order of the graph.
 * @throws {PlanError} If the experiment cannot be planned; nothing has run then.
 * @throws {StoreError} If something must run and the store may only be read.
 */
export async function run(
  experiment: Experiment,
  options: RunOptions,
  onEvent: (event: RunEvent) => void = () => {},
): Promise<RunSummary> {
  const begun = performance.now();
  const planning = await Planning.begin(experiment, options);
  const { stages } = planStages(planning);
  let journal: RunJournal | undefined;
  if (stages.some(({ state }) => state !== "cached")) {
    await options.store.assertWritable();
    journal = await RunJournal.begin(options.store, experiment);
  }
  let deaf: { readonly error: unknown } | undefined;
  const emit = (event: RunEvent) => {
    journal?.hear(event);
    try {
      if (!deaf) onEvent(event);
    } catch (error) {
      deaf = { error };
    }
  };
  const control = options.control ?? new RunControl();
  const ledger = new RunLedger(planning, emit, begun);
  let checkout: Promise<Checkout | undefined> | undefined;
  const scheduler = new Scheduler({
    planning,
    ledger,
    executor: options.executor ?? (await import("./executors/local.ts")).local,
    capacity: new Capacity(options.jobs),
    control,
    leases: leaseManner(options.leases),
    stopAtFailure: options.onError === "stop",
    checkout: () => checkout ??= readCheckout(planning.project),
    emit,
  });
  emit({
    type: "run-start",
    experiment: experiment.name,
    stages: stages.map(({ node }) => node.id),
  });
  try {
    await scheduler.all(stages);
    const summary = await ledger.close(control.presses);
    const keys = new Set(summary.stages.map(({ key, outputs }) => outputs.length > 0 && key));
    await tidyScratch(options.store, (key) => keys.has(key));
    if (deaf) throw deaf.error;
    return summary;
  } finally {
    await journal?.end();
  }
}
