/**
 * Collects what a store need not keep: plans it, and carries it out if asked to.
 *
 * @module
 */
import { readContents } from "./gc_contents.ts";
import {
  type ExperimentRootOptions,
  experimentRoots,
  type UnreadableExperiment,
} from "./gc_experiments.ts";
import { type CollectionPlan, planCollection } from "./gc_plan.ts";
import { runRoots, unplannedRoots } from "./gc_runs.ts";
import { clearDeadLeases, collectionTime, whileCollecting } from "../store_guard.ts";
import type { Store } from "../store/store.ts";
import { explained } from "../store/disk.ts";

/** What is collected, and for what the rest is kept. */
export interface GcOptions extends ExperimentRootOptions {
  /** Experiment files. */
  readonly files: readonly string[];
  /** How many remembered runs of each experiment are kept. */
  readonly last: number;
  /** Whether bytes of intermediates go. */
  readonly intermediates: boolean;
  /** Whether to do it. */
  readonly delete: boolean;
  /** Told what is waited for. */
  readonly onWait?: (message: string) => void;
}

/** What a collection came to, or would come to. */
export interface GcSummary extends CollectionPlan {
  /** Whether it was carried out. */
  readonly deleted: boolean;
  /** Experiments that cannot be planned. */
  readonly unreadable: readonly UnreadableExperiment[];
  /** Files of remembered runs that cannot be read; they are left. */
  readonly damagedRuns: readonly string[];
  /** What could not be removed, and why. */
  readonly failed: readonly string[];
}

/**
 * Plans a collection, and carries it out if asked to. Planning changes nothing, takes no lock and so is
 * a look at a store that may change meanwhile; what is carried out is planned again while no run uses
 * the store.
 *
 * @throws {StoreError} If another collection goes on, or the store may only be read.
 * @throws {UnreadableRoots} If something is to be removed and an experiment's name cannot be read.
 */
export async function collectGarbage(options: GcOptions): Promise<GcSummary> {
  const { store } = options;
  if (!options.delete) return { ...await plan(options, Date.now()), deleted: false, failed: [] };
  await store.assertWritable();
  await clearDeadLeases(store);
  return await whileCollecting(store, async (collection) => {
    const planned = await plan(options, collectionTime(store));
    const nameless = planned.unreadable.filter(({ name }) => name === undefined);
    if (nameless.length > 0) throw new UnreadableRoots(nameless);
    const failed = await remove(store, planned, () => collection.assertHeld());
    return { ...planned, deleted: true, failed };
  }, options.onWait);
}

/** Nothing was removed, since nobody knows which results are those of some experiments. */
export class UnreadableRoots extends Error {
  /** The name of this kind of error. */
  override readonly name = "UnreadableRoots";
  /** The message is for the user. */
  readonly forUser = true;

  /**
   * Names the experiments.
   *
   * @param unreadable The experiments.
   */
  constructor(unreadable: readonly UnreadableExperiment[]) {
    super(
      `Nothing was removed: not even the name of these experiments can be read, so their results are ` +
        `not known. Correct the files, or name the files to keep results for.\n` +
        unreadable.map(({ place, reason }) => `  ${place}: ${reason}`).join("\n"),
    );
  }
}

type Planned = Omit<GcSummary, "deleted" | "failed">;

async function plan(options: GcOptions, now: number): Promise<Planned> {
  const { store, files, last, intermediates } = options;
  const contents = readContents(store);
  const records = [...contents.results.values()].map(({ record }) => record);
  const { roots, unreadable } = await experimentRoots(files, records, options);
  const unplanned = new Map(
    unreadable.flatMap(({ name, place }) => name === undefined ? [] : [[name, place] as const]),
  );
  const runs = runRoots(store, { last, whole: new Set(unplanned.keys()) });
  const collection = planCollection({
    store,
    contents,
    roots: [...roots, ...unplannedRoots(unplanned, records), ...runs.roots],
    oldRuns: runs.old,
    intermediates,
    now,
  });
  return { ...collection, unreadable, damagedRuns: runs.damaged };
}

/** How many files go between two looks at whether the collection still may. */
const BATCH = 100;

/** Removes what a plan says, strictly in its order; what cannot be removed is told. */
async function remove(
  { root }: Store,
  { removals }: Planned,
  assertHeld: () => void,
): Promise<string[]> {
  const failed: string[] = [];
  for (let at = 0; at < removals.length; at += BATCH) {
    assertHeld();
    for (const { path } of removals.slice(at, at + BATCH)) {
      try {
        Deno.removeSync(path, { recursive: true });
      } catch (error) {
        if (error instanceof Deno.errors.NotFound) continue;
        failed.push(`${path}: ${(explained(error, root) as Error).message}`);
      }
    }
    // The lease's counter moves only while the event loop turns.
    await new Promise((done) => setTimeout(done));
  }
  return failed;
}
