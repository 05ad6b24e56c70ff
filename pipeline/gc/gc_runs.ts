/**
 * The remembered runs that a collection keeps results for: the last few of each experiment, runs that
 * go on, and all of experiments whose files cannot be planned.
 *
 * @module
 */
import { type GcRoot, rootOf } from "./gc_roots.ts";
import { listRuns } from "../history/last_run.ts";
import { mayGoOn, openRuns } from "../history/run_journal.ts";
import { readRun } from "../history/run_record.ts";
import { named, type StoredFile, treeOf } from "../store/inventory.ts";
import type { ActionRecord } from "../store/record.ts";
import type { Store } from "../store/store.ts";

/** What the remembered runs came to. */
export interface RunRoots {
  /** One for each run that is kept. */
  readonly roots: readonly GcRoot[];
  /** What is remembered of runs that are kept for nothing, and lists that none of the others has. */
  readonly old: readonly StoredFile[];
  /** Files of runs that cannot be read; they are left. */
  readonly damaged: readonly string[];
}

/** Which runs are kept. */
export interface RunRootOptions {
  /** How many of each experiment. */
  readonly last: number;
  /** Names of experiments all of whose runs are kept. */
  readonly whole: ReadonlySet<string>;
}

interface Remembered {
  readonly experiment: string;
  readonly started: string;
  readonly file: StoredFile;
  /** The list of its stages; none for a run that was not written down. */
  readonly list?: string;
  /** Goes on, as far as this machine can tell. */
  readonly open: boolean;
  readonly root: () => GcRoot | undefined;
}

/** Reads the remembered runs of a store. */
export function runRoots(store: Store, { last, whole }: RunRootOptions): RunRoots {
  const damaged: string[] = [];
  const runs = [...written(store, damaged), ...unwritten(store)]
    .sort((a, b) => a.started < b.started ? 1 : -1);
  const counts = new Map<string, number>();
  const roots: GcRoot[] = [];
  const old: StoredFile[] = [];
  const lists = new Set<string>();
  for (const run of runs) {
    const count = counts.get(run.experiment) ?? 0;
    counts.set(run.experiment, count + 1);
    if (count >= last && !run.open && !whole.has(run.experiment)) {
      old.push(run.file);
      continue;
    }
    if (run.list !== undefined) lists.add(run.list);
    const root = run.root();
    if (root) roots.push(root);
    else damaged.push(run.file.path);
  }
  // A run that cannot be read may need any list.
  if (damaged.length === 0) {
    old.push(
      ...named(`${store.root}/runs/stages`, /^([0-9a-f]{64})\.json$/, ([, list], file) => ({
        list: list!,
        file,
      })).filter(({ list }) => !lists.has(list)).map(({ file }) => file),
    );
  }
  return { roots, old, damaged };
}

function* written(store: Store, damaged: string[]): Generator<Remembered> {
  for (const head of listRuns(store, (path) => damaged.push(path))) {
    const { id, experiment, started, list, path } = head;
    const [file] = treeOf(path).files;
    if (!file) continue;
    const root = () => {
      const run = readRun(store, path);
      if (!run) return undefined;
      const keys: string[] = [];
      const pending: string[] = [];
      for (const { key, status } of run.stages) {
        if (key !== undefined) (status === "cached" || status === "ran" ? keys : pending).push(key);
      }
      return rootOf(`run ${id} of ${experiment}, ${minute(started)}`, keys, pending);
    };
    yield { experiment, started, file, list, open: false, root };
  }
}

function* unwritten(store: Store): Generator<Remembered> {
  for (const run of openRuns(store)) {
    const { id, experiment, started, keys, file } = run;
    // Leases of dead owners are cleared before anything is removed.
    const open = mayGoOn(store, run);
    const what = open ? "that goes on" : "that was cut short";
    const name = `run ${id} of ${experiment} ${what}, ${minute(started)}`;
    // Its keys may have results or not.
    yield { experiment, started, file, open, root: () => rootOf(name, keys, keys, true) };
  }
}

/** All that the store knows of experiments whose files cannot be planned. */
export function unplannedRoots(
  names: ReadonlyMap<string, string>,
  records: Iterable<ActionRecord>,
): GcRoot[] {
  const keys = new Map([...names.keys()].map((name) => [name, new Set<string>()]));
  for (const { key, provenance } of records) keys.get(provenance.experiment)?.add(key);
  return [...names].map(([name, place]) =>
    rootOf(`${place}: cannot be planned, so all of ${name}`, keys.get(name)!, [], true)
  );
}

function minute(started: string): string {
  return started.slice(0, 16).replace("T", " ");
}
