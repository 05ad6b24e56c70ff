/**
 * What differs between two runs: first in what went in, then in what came out.
 *
 * A stage whose inputs alone differ, because a stage before it differs, is no cause: it is listed as
 * following from it.
 *
 * @module
 */
import type { ActionManifest } from "../manifest.ts";
import { type Difference, differences } from "./manifest_diff.ts";
import { sourceText } from "./misses.ts";
import type { RunRecord, RunRow } from "../history/run_record.ts";
import type { ActionRecord } from "../store/record.ts";
import type { Store } from "../store/store.ts";
import type { StageStatus } from "../types.ts";

/** A stage that was computed from other things in the two runs. */
export interface StageDifference {
  /** Its id in both runs. */
  readonly stage: string;
  /** What is nearest to the user's hand first. */
  readonly differences: readonly Difference[];
  /** Both runs had a result of it, and the two are the same bytes. */
  readonly sameOutputs: boolean;
}

/** A figure that differs, or that only one of the runs has. */
export interface MetricDifference {
  /** The stage that reports it. */
  readonly stage: string;
  /** Its name. */
  readonly metric: string;
  /** Absent where the old run has none. */
  readonly old?: number;
  /** Absent where the new run has none. */
  readonly new?: number;
  /** The new less the old. */
  readonly difference?: number;
}

/** What differs between two runs. */
export interface RunDifference {
  /** Stages that differ by themselves, in the order of the graph. */
  readonly changed: readonly StageDifference[];
  /** Stages that differ only in what other stages gave them; none where no other stage differs. */
  readonly follows: readonly string[];
  /** Stages that differ, but what they were computed from is no longer known in one of the runs. */
  readonly unknown: readonly string[];
  /** How many stages had the same key in both. */
  readonly same: number;
  /** Of the stages that differ. */
  readonly metrics: readonly MetricDifference[];
  /** How many figures were the same, of the stages that differ. */
  readonly sameMetrics: number;
  /** Stages that ended otherwise; whether one was cached or ran is no difference. */
  readonly statuses: readonly {
    readonly stage: string;
    readonly old: StageStatus;
    readonly new: StageStatus;
  }[];
  /** Stages that only the old run had. */
  readonly onlyOld: readonly string[];
  /** Stages that only the new run had. */
  readonly onlyNew: readonly string[];
}

/** Statuses under which a stage has a result. */
const DONE: readonly StageStatus[] = ["cached", "ran"];

/** Compares two runs; stages are the same where their ids are. */
export function diffRuns(store: Store, old: RunRecord, now: RunRecord): RunDifference {
  const before = new Map(old.stages.map((row) => [row.id, row]));
  const after = new Map(now.stages.map((row) => [row.id, row]));
  const pairs = now.stages.flatMap((row) => {
    const other = before.get(row.id);
    return other ? [{ id: row.id, old: new Side(store, other), now: new Side(store, row) }] : [];
  });
  const differing = pairs.filter(({ old, now }) => old.row.key !== now.row.key);
  const made = { old: yields(differing, "old"), now: yields(differing, "now") };
  const changed: StageDifference[] = [];
  const follows: string[] = [];
  const unknown: string[] = [];
  for (const { id, old, now } of differing) {
    const [was, is] = [old.manifest, now.manifest];
    if (!was || !is) {
      // What never got a key waits for another; its own difference cannot be told.
      (now.row.key === undefined || old.row.key === undefined ? follows : unknown).push(id);
      continue;
    }
    const found = differences(was, is, {
      closure: (digest) => readable(() => store.readClosure(digest)),
      source: (input) => now.source(input) ?? input,
      oldSource: (input) => old.source(input),
    });
    const own = found.filter((difference) =>
      difference.kind !== "input" || difference.oldSource !== undefined ||
      !(made.old.has(difference.old ?? "") && made.now.has(difference.new ?? ""))
    );
    if (own.length === 0) follows.push(id);
    else changed.push({ stage: id, differences: own, sameOutputs: sameOutputs(old, now) });
  }
  const metrics = differing.flatMap(({ id, old, now }) => metricDifferences(id, old, now));
  return {
    changed,
    // A stage that was not reached in one of the runs follows from something only where something differs.
    follows: changed.length + unknown.length > 0 ? follows : [],
    unknown,
    same: pairs.length - differing.length,
    metrics: metrics.filter(({ difference }) => difference !== 0),
    sameMetrics: metrics.filter(({ difference }) => difference === 0).length,
    statuses: pairs.flatMap(({ id, old, now }) => {
      const [was, is] = [old.row.status, now.row.status];
      if (was === is || (DONE.includes(was) && DONE.includes(is))) return [];
      return [{ stage: id, old: was, new: is }];
    }),
    onlyOld: [...before.keys()].filter((id) => !after.has(id)),
    onlyNew: [...after.keys()].filter((id) => !before.has(id)),
  };
}

/** A stage of one of the runs, its result read when it is asked for. */
class Side {
  readonly row: RunRow;
  readonly #store: Store;
  #record: ActionRecord | undefined;
  #read = false;

  constructor(store: Store, row: RunRow) {
    this.#store = store;
    this.row = row;
  }

  get record(): ActionRecord | undefined {
    const { key, status } = this.row;
    if (!this.#read && key !== undefined && DONE.includes(status)) {
      this.#record = readable(() => this.#store.readAction(key));
    }
    this.#read = true;
    return this.#record;
  }

  get manifest(): ActionManifest | undefined {
    return this.record?.manifest ?? this.row.manifest;
  }

  source(input: string): string | undefined {
    return sourceText(this.record?.provenance.sources?.[input]);
  }
}

type Pair = { readonly id: string; readonly old: Side; readonly now: Side };

/** Content digests that the differing stages of a run yielded. */
function yields(pairs: readonly Pair[], side: "old" | "now"): Set<string> {
  return new Set(
    pairs.flatMap((pair) =>
      Object.values(pair[side].record?.outputs ?? {}).map(({ digest }) => `tree:${digest}`)
    ),
  );
}

function sameOutputs(old: Side, now: Side): boolean {
  if (!old.record || !now.record) return false;
  const names = Object.keys({ ...old.record.outputs, ...now.record.outputs });
  return names.every((name) =>
    old.record!.outputs[name]?.digest === now.record!.outputs[name]?.digest
  );
}

function metricDifferences(stage: string, old: Side, now: Side): MetricDifference[] {
  const [before, after] = [old.record?.metrics ?? {}, now.record?.metrics ?? {}];
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].map((metric) => {
    const [was, is] = [before[metric], after[metric]];
    return {
      stage,
      metric,
      ...(was === undefined ? {} : { old: was }),
      ...(is === undefined ? {} : { new: is }),
      ...(was === undefined || is === undefined ? {} : { difference: is - was }),
    };
  });
}

function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
