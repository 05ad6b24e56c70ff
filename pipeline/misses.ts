/**
 * Why stages are not cached: each is compared with the earlier result that is nearest to it.
 *
 * Nothing is read before the first miss is asked about, so that a plan where all is cached costs
 * nothing here.
 *
 * @module
 */
import type { GraphNode } from "./graph.ts";
import { readHistory, type StageKeys } from "./history.ts";
import type { ActionManifest } from "./manifest.ts";
import { type Difference, differences, inOneLine } from "./manifest_diff.ts";
import type { ActionRecord, Store } from "./store/store.ts";

/** An earlier result that a stage is compared with. */
export interface Compared {
  readonly key: string;
  /** The experiment and the stage that computed it. */
  readonly experiment: string;
  readonly stage: string;
  /** When that began: ISO 8601, UTC. */
  readonly started: string;
}

/** Why a stage is not cached. */
export interface Miss {
  /** In one line. */
  readonly reason: string;
  /** The earlier result that differs least; absent where there is none. */
  readonly nearest?: ActionRecord;
  /** What differs from it, what is nearest to the user's hand first. */
  readonly differences: readonly Difference[];
}

/** What is known of a stage that has a key and no result. */
export interface Missed {
  readonly key: string;
  readonly manifest: ActionManifest;
}

/** Explains the misses of one experiment. */
export class Misses {
  readonly #store: Store;
  readonly #experiment: string;
  readonly #strict: boolean;
  #history: StageKeys | undefined;
  readonly #records = new Map<string, ActionRecord | undefined>();

  /**
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
    const nearest = this.nearest(node, manifest, this.results(node.id));
    if (!nearest) return { reason: "first run", differences: [] };
    return { ...nearest, reason: inOneLine(nearest.differences) };
  }

  /** The result that differs least from a manifest; of several, the first. */
  nearest(
    node: GraphNode,
    manifest: ActionManifest,
    results: readonly ActionRecord[],
  ): Pick<Required<Miss>, "nearest" | "differences"> | undefined {
    const [found] = results
      .map((nearest) => ({ nearest, differences: this.between(nearest.manifest, manifest, node) }))
      .sort((a, b) => a.differences.length - b.differences.length);
    return found;
  }

  /** What differs between an earlier manifest and one of a stage. */
  between(earlier: ActionManifest, manifest: ActionManifest, node: GraphNode): Difference[] {
    const sources = new Map(node.inputs.map(({ name, binding }) => [
      name,
      binding.kind === "external" ? binding.path : `${binding.stage}.${binding.output}`,
    ]));
    return differences(earlier, manifest, {
      closure: (digest) => this.#readable(() => this.#store.readClosure(digest)),
      source: (input) => sources.get(input) ?? input,
    });
  }

  /** The keys that a stage of the experiment had lately, latest first. */
  keys(id: string): readonly string[] {
    this.#history ??= readHistory(this.#store, this.#experiment);
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

  /** An explanation never stops what it explains. */
  #readable<T>(read: () => T): T | undefined {
    try {
      return read();
    } catch {
      return undefined;
    }
  }
}
