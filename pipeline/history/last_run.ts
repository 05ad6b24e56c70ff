/**
 * The runs that a store remembers, latest first; how a user names one; the last of an experiment.
 *
 * @module
 */
import { readRun, readRunHead, type RunHead, type RunRecord } from "./run_record.ts";
import { logPath } from "../running/scratch.ts";
import { outputSummaries } from "../store/output_summaries.ts";
import type { Store } from "../store/store.ts";
import type { StageSummary } from "../types.ts";

/** A run as a list of runs has it. */
export interface ListedRun extends RunHead {
  /** Its place among all runs of the store, the first of which is 1. */
  readonly number: number;
  /** Its file. */
  readonly path: string;
}

/** Told the path of a run's file that cannot be read. */
export type OnDamage = (path: string) => void;

/**
 * The runs of a store, latest first; each is read when it is asked for.
 *
 * @param onDamage Told which files were passed over.
 */
export function* listRuns(store: Store, onDamage: OnDamage = () => {}): Generator<ListedRun> {
  const names = [...Deno.readDirSync(`${store.root}/runs`)]
    .map(({ name }) => name)
    .filter((name) => name.endsWith(".json"))
    .sort();
  for (let number = names.length; number >= 1; number--) {
    const path = `${store.root}/runs/${names[number - 1]}`;
    const head = readRunHead(path);
    if (head) yield { ...head, number, path };
    else onDamage(path);
  }
}

/**
 * The last run of a store, or of an experiment.
 *
 * @param store The store.
 * @param wanted The experiment's name, and what must hold of the run; each may be left open.
 * @returns The run, or nothing if the store remembers none.
 */
export function lastRun(
  store: Store,
  wanted: {
    readonly experiment?: string | undefined;
    readonly where?: (run: RunRecord) => boolean;
  } = {},
  onDamage: OnDamage = () => {},
): RunRecord | undefined {
  for (const head of listRuns(store, onDamage)) {
    if (wanted.experiment !== undefined && head.experiment !== wanted.experiment) continue;
    const run = readRun(store, head.path);
    if (!run) onDamage(head.path);
    else if (wanted.where === undefined || wanted.where(run)) return run;
  }
  return undefined;
}

/**
 * A stage of a remembered run as the run's table had it, with the outputs and the figures of its
 * result as far as the store still has that.
 *
 * @throws {Error} If the run has no such stage.
 */
export function rememberedSummary(store: Store, run: RunRecord, id: string): StageSummary {
  const row = run.stages.find((row) => row.id === id);
  if (!row) throw new Error(`The run ${run.id} has no stage "${id}".`);
  const { attempt, manifest: _, ...rest } = row;
  const done = row.status === "cached" || row.status === "ran";
  const record = row.key !== undefined && done ? store.readAction(row.key) : undefined;
  const number = attempt ?? record?.provenance.attempts;
  return {
    ...rest,
    outputs: outputSummaries(record),
    metrics: record?.metrics ?? {},
    ...(row.key !== undefined && number !== undefined
      ? { logFile: logPath(store, row.key, number) }
      : {}),
  };
}
