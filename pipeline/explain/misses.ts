/**
 * Why stages are not cached: each is compared with the earlier result that is nearest to it.
 *
 * Nothing is read before the first miss is asked about, so that a plan where all is cached costs
 * nothing here.
 *
 * @module
 */
import { ActionIndex } from "./action_index.ts";
import type { ClosureListing } from "../code/closure_listing.ts";
import type { GraphNode } from "../graph.ts";
import { readHistory, type StageKeys } from "../history/history.ts";
import type { ActionManifest } from "../manifest.ts";
import { type Difference, differences, distance, inOneLine } from "./manifest_diff.ts";
import type { ActionRecord, Store } from "../store/store.ts";
import type { InputBinding } from "../types.ts";

/** An earlier result that a stage is compared with. */
export interface Compared {
  /** Of the action. */
  readonly key: string;
  /** The experiment that computed it. */
  readonly experiment: string;
  /** The id of that stage there. */
  readonly stage: string;
  /** When that began: ISO 8601, UTC. */
  readonly started: string;
}

/** Why a stage is not cached. */
export interface Miss {
  /** In one line. */
  readonly reason: string;
  /** The experiment remembers no result of the stage. */
  readonly first?: true;
  /** The earlier result that differs least; absent where there is none. */
  readonly nearest?: ActionRecord;
  /** What differs from it, what is nearest to the user's hand first. */
  readonly differences: readonly Difference[];
}

/** What is known of a stage that has a key and no result. */
export interface Missed {
  /** The key it would have. */
  readonly key: string;
  /** What it would be computed from. */
  readonly manifest: ActionManifest;
}

/** Stages without results of their own that are compared with others'. */
const MOST_SEARCHES = 200;
/** Results that such a stage is compared with. */
const MOST_RELATIVES = 32;
/** Differences from another stage's result that still say something in one line. */
const MOST_TOLD = 3;

/** Explains the misses of one experiment. */
export class Misses {
  readonly #store: Store;
  readonly #experiment: string;
  readonly #strict: boolean;
  #history: StageKeys | undefined;
  #index: ActionIndex | undefined;
  readonly #closures = new Map<string, ClosureListing | undefined>();
  readonly #damaged: string[] = [];
  readonly #related = new Map<string, readonly ActionRecord[]>();
  #searches = 0;
  readonly #records = new Map<string, ActionRecord | undefined>();

  /**
   * Nothing is read yet.
   *
   * @param store The store.
   * @param experiment Its name.
   * @param strict Results that were computed without `--strict` do not count.
   */
  constructor(store: Store, experiment: string, strict: boolean) {
    this.#store = store;
    this.#experiment = experiment;
    this.#strict = strict;
  }

  /** Why a stage is not cached. */
  of(node: GraphNode, { key, manifest }: Missed): Miss {
    if (this.#strict && this.record(key)) {
      return { reason: "not yet computed with --strict", differences: [] };
    }
    if (this.keys(node.id).includes(key)) return { reason: "its record is gone", differences: [] };
    const nearest = this.#nearest(node, manifest, this.results(node.id), (found) => found.length);
    if (!nearest) return { reason: "first run", first: true as const, differences: [] };
    return { ...nearest, reason: inOneLine(nearest.differences) };
  }

  /**
   * Why a stage that the experiment never ran is not cached, by a result of another cell, another stage
   * or another experiment. Looked for a limited number of times: it reads many records.
   */
  elsewhere(node: GraphNode, { manifest }: Missed): Miss {
    const first = { reason: "first run", first: true as const, differences: [] };
    if (this.#searches++ >= MOST_SEARCHES) return first;
    const found = this.#nearest(node, manifest, this.#relatives(node), distance);
    if (!found) return first;
    if (found.differences.length > MOST_TOLD) return { ...first, ...found };
    const { experiment, stage } = found.nearest.provenance;
    const name = experiment === this.#experiment ? stage : `${stage} of ${experiment}`;
    const reason = `first run; nearest is ${name}: ${inOneLine(found.differences)}`;
    return { ...first, ...found, reason };
  }

  /** The result that an input came from: one of the stage's own, else the latest of any. */
  producer(id: string, output: string, digest: string): ActionRecord | undefined {
    const yields = (record: ActionRecord) => record.outputs[output]?.digest === digest;
    return this.results(id).find(yields) ??
      this.index.yielding(digest).flatMap(({ key }) => this.record(key) ?? []).find(yields);
  }

  /** Results of a stage's other cells, else of its type, latest first. */
  #relatives(node: GraphNode): readonly ActionRecord[] {
    const { definition, base = node.id } = node.instance;
    const name = `${definition.name} ${base}`;
    const known = this.#related.get(name);
    if (known) return known;
    const all = this.index.using(definition.name);
    const cells = all.filter(({ experiment, stage }) =>
      experiment === this.#experiment && stage.startsWith(`${base}@`)
    );
    const found = [...new Set([...cells.slice(0, MOST_RELATIVES / 2), ...all])]
      .slice(0, MOST_RELATIVES)
      .flatMap(({ key }) => this.record(key) ?? []);
    this.#related.set(name, found);
    return found;
  }

  /**
   * The result that differs least from a manifest; of several, the first.
   *
   * @param far Of some differences, how far apart the two are.
   */
  #nearest(
    node: GraphNode,
    manifest: ActionManifest,
    results: readonly ActionRecord[],
    far: (found: readonly Difference[]) => number,
  ): Pick<Required<Miss>, "nearest" | "differences"> | undefined {
    let best: { nearest: ActionRecord; differences: Difference[]; far: number } | undefined;
    for (const nearest of results) {
      const differences = this.between(nearest, manifest, node);
      const found = { nearest, differences, far: far(differences) };
      if (!best || found.far < best.far) best = found;
    }
    return best && { nearest: best.nearest, differences: best.differences };
  }

  /** What differs between an earlier result and a stage's manifest. */
  between(
    { manifest: earlier, provenance }: ActionRecord,
    manifest: ActionManifest,
    node: GraphNode,
  ): Difference[] {
    return differences(earlier, manifest, {
      closure: (digest) => this.#closure(digest),
      source: (input) => sourceText(node.instance.inputs[input]) ?? input,
      oldSource: (input) => sourceText(provenance.sources?.[input]),
    });
  }

  /** What the store's results are. */
  get index(): ActionIndex {
    this.#index ??= ActionIndex.read(this.#store);
    return this.#index;
  }

  /** Files of the history that cannot be read. */
  get damaged(): readonly string[] {
    return this.#damaged;
  }

  /** The keys that a stage of the experiment had lately, latest first. */
  keys(id: string): readonly string[] {
    this.#history ??= readHistory(
      this.#store,
      this.#experiment,
      (path) => this.#damaged.push(path),
    );
    return this.#history[id] ?? [];
  }

  /** The results that a stage of the experiment had lately, latest first. */
  results(id: string): ActionRecord[] {
    return this.keys(id).flatMap((key) => this.record(key) ?? []);
  }

  /** A record, read once; one that is damaged counts as none. */
  record(key: string): ActionRecord | undefined {
    if (!this.#records.has(key)) {
      this.#records.set(key, this.#readable(() => this.#store.readAction(key)));
    }
    return this.#records.get(key);
  }

  #closure(digest: string): ClosureListing | undefined {
    if (!this.#closures.has(digest)) {
      this.#closures.set(digest, this.#readable(() => this.#store.readClosure(digest)));
    }
    return this.#closures.get(digest);
  }

  /** An explanation never stops what it explains. */
  #readable<T>(read: () => T): T | undefined {
    try {
      return read();
    } catch {
      return undefined;
    }
  }
}

/** Where an input comes from, in a word: `normalize.clips`, or a path. */
export function sourceText(binding: InputBinding | undefined): string | undefined {
  if (binding === undefined) return undefined;
  return binding.kind === "external" ? binding.path : `${binding.stage}.${binding.output}`;
}
