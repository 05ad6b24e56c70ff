/**
 * What the store's results are, by what is looked for: the results that yielded an artifact, the
 * results of a kind of stage.
 *
 * Kept in this machine's cache as a line for each record, so that only new records are read. Lost
 * without harm; nothing that runs reads it.
 *
 * @module
 */
import type { ActionRecord } from "../store/record.ts";
import type { Store } from "../store/store.ts";

/** A result, as far as it is looked for. */
export interface IndexedAction {
  /** Hex action key. */
  readonly key: string;
  /** The name of the stage's definition. */
  readonly uses: string;
  /** The experiment that computed it. */
  readonly experiment: string;
  /** The id of that stage there. */
  readonly stage: string;
  /** When that began: ISO 8601, UTC. */
  readonly started: string;
  /** How long it took. */
  readonly seconds: number;
  /** Digests of its outputs by name. */
  readonly outputs: Readonly<Record<string, string>>;
  /** It was accepted, so that it may be taken back and computed with other outputs. */
  readonly accepted?: true;
}

const NAME = /^([0-9a-f]{64})\.json$/;

/** The results of a store. Built when it is made. */
export class ActionIndex {
  /** Latest first. */
  readonly actions: readonly IndexedAction[];
  /** Files of records that cannot be read. */
  readonly damaged: readonly string[];
  readonly #byKey: ReadonlyMap<string, IndexedAction>;
  readonly #byDigest = new Map<string, IndexedAction[]>();
  readonly #byUse = new Map<string, IndexedAction[]>();

  private constructor(actions: readonly IndexedAction[], damaged: readonly string[]) {
    this.actions = actions.toSorted((a, b) =>
      a.started < b.started ? 1 : a.started > b.started ? -1 : a.key < b.key ? -1 : 1
    );
    this.damaged = damaged;
    this.#byKey = new Map(actions.map((action) => [action.key, action]));
    for (const action of this.actions) {
      append(this.#byUse, action.uses, action);
      for (const digest of new Set(Object.values(action.outputs))) {
        append(this.#byDigest, digest, action);
      }
    }
  }

  /** Reads the records that are new, and keeps what was learnt where that can be kept. */
  static read(store: Store): ActionIndex {
    const file = `${store.local}/actions.ndjson`;
    const known = readKept(file);
    const actions: IndexedAction[] = [];
    const damaged: string[] = [];
    let learnt = false;
    for (const { name } of Deno.readDirSync(`${store.root}/actions`)) {
      const key = NAME.exec(name)?.[1];
      if (key === undefined) continue;
      const kept = known.get(key);
      if (kept && !kept.accepted) {
        actions.push(kept);
        continue;
      }
      learnt = true;
      try {
        const record = store.readAction(key);
        if (record) actions.push(indexed(record));
      } catch {
        damaged.push(`${store.root}/actions/${name}`);
      }
    }
    if (learnt || actions.length !== known.size) keep(file, actions);
    return new ActionIndex(actions, damaged);
  }

  /** The result under a key. */
  get(key: string): IndexedAction | undefined {
    return this.#byKey.get(key);
  }

  /** The results with an output of a digest, latest first. */
  yielding(digest: string): readonly IndexedAction[] {
    return this.#byDigest.get(digest) ?? [];
  }

  /** The results of stages of a definition, latest first. */
  using(definition: string): readonly IndexedAction[] {
    return this.#byUse.get(definition) ?? [];
  }

  /** Digests of outputs that begin with some hex digits, each once. */
  digests(prefix: string): string[] {
    return [...this.#byDigest.keys()].filter((digest) => digest.startsWith(prefix));
  }
}

function indexed({ key, manifest, outputs, provenance, accepted }: ActionRecord): IndexedAction {
  const { experiment, stage, started, seconds } = provenance;
  return {
    key,
    uses: manifest.stage,
    experiment,
    stage,
    started,
    seconds,
    outputs: Object.fromEntries(
      Object.entries(outputs).map(([name, { digest }]) => [name, digest]),
    ),
    ...(accepted ? { accepted: true as const } : {}),
  };
}

function readKept(file: string): Map<string, IndexedAction> {
  try {
    return new Map(
      Deno.readTextFileSync(file).split("\n").filter((line) => line !== "").map((line) => {
        const action = JSON.parse(line) as IndexedAction;
        return [action.key, action];
      }),
    );
  } catch {
    return new Map();
  }
}

function keep(file: string, actions: readonly IndexedAction[]): void {
  const temporary = `${file}.${Deno.pid}.tmp`;
  try {
    Deno.writeTextFileSync(
      temporary,
      actions.map((action) => `${JSON.stringify(action)}\n`).join(""),
    );
    Deno.renameSync(temporary, file);
  } catch {
    // A store that may only be read: the records are read again next time.
  }
}

function append<T>(map: Map<string, T[]>, name: string, value: T): void {
  const all = map.get(name);
  if (all) all.push(value);
  else map.set(name, [value]);
}
