/**
 * Finds a stage in the last run that had it, for the verbs that look back.
 *
 * @module
 */
import { nameOfExperiment } from "../experiment.ts";
import { lastRun, rememberedSummary } from "../history/last_run.ts";
import type { RunRecord } from "../history/run_record.ts";
import type { Store } from "../store/store.ts";
import { splitOutput } from "../stage_reference.ts";
import { didYouMean, listed } from "../suggest.ts";
import type { StageSummary } from "../types.ts";
import { UsageError } from "../usage_error.ts";
import type { Call } from "../verb.ts";
import { damageTeller, existingStore, nothingRun } from "./existing_store.ts";

/** A stage as a remembered run left it. */
export interface RememberedStage {
  readonly store: Store;
  readonly run: RunRecord;
  readonly stage: StageSummary;
  /** The output that was named behind the stage, as it was written. */
  readonly output: string | undefined;
}

/**
 * Finds a stage in the last run of an experiment, or of the store.
 *
 * @param call The call, for its store.
 * @param name The stage's id, and where `outputs` are asked for, `STAGE.OUTPUT` too.
 * @param file The experiment file; without one, any experiment's last run counts.
 * @throws {UsageError} If nothing was run yet, or no run had such a stage.
 */
export async function rememberedStage(
  call: Call,
  name: string,
  file: string | undefined,
  outputs = false,
): Promise<RememberedStage> {
  const named = ({ stages }: RunRecord) => {
    const ids = stages.map(({ id }) => id);
    return splitOutput(name, outputs ? ids : ids.filter((id) => id === name));
  };
  const store = await existingStore(call.store, file);
  let experiment: string | undefined;
  if (file !== undefined) {
    const variant = call.value("variant");
    experiment = nameOfExperiment(file, { variant });
  }
  const latest = lastRun(store, { experiment }, damageTeller(call));
  if (latest === undefined) {
    throw new UsageError(
      experiment === undefined
        ? nothingRun(store.root, file)
        : `the experiment ${experiment} was not run yet with the store ${store.root}; begin with: ` +
          `deno task run ${file}`,
    );
  }
  const run = named(latest)
    ? latest
    : lastRun(store, { experiment, where: (run) => named(run) !== undefined });
  if (run === undefined) {
    const known = latest.stages.map(({ id }) => id);
    throw new UsageError(
      `no stage ${JSON.stringify(name)} in the last run of ${latest.experiment}${
        didYouMean(name, known) || "."
      } Its stages: ${listed(known)}`,
    );
  }
  const { stage, output } = named(run)!;
  return { store, run, stage: rememberedSummary(store, run, stage), output };
}
