/**
 * Bytes that are gone from the store though their digests are known: the stages that made them run
 * again when a stage that must run needs them, and that one waits meanwhile.
 *
 * @module
 */
import type { GraphNode } from "../graph.ts";
import type { ActionRecord, Store } from "../store/store.ts";

/** A stage to run again, and the first one that waits for it. */
export interface Revival {
  /** The id of the stage whose bytes are gone. */
  readonly id: string;
  /** Its result, of which only the bytes are missing. */
  readonly record: ActionRecord;
}

/** Keeps the stages that wait for bytes. */
export class Reviving<T extends { readonly node: GraphNode }> {
  readonly #store: Store;
  readonly #record: (id: string) => ActionRecord | undefined;
  /** By the id of a stage that runs again: those that wait for its bytes. */
  readonly #waiting = new Map<string, Set<T>>();

  /**
   * Begins with no stage that waits.
   *
   * @param record The results that are known by now.
   */
  constructor(store: Store, record: (id: string) => ActionRecord | undefined) {
    this.#store = store;
    this.#record = record;
  }

  /** Whether a stage runs again for its bytes. */
  has(id: string): boolean {
    return this.#waiting.has(id);
  }

  /**
   * Keeps a stage waiting if bytes that it needs are gone.
   *
   * @returns The stages that must run again for it and do not yet; undefined if nothing is missing.
   */
  hold(stage: T): Revival[] | undefined {
    const revivals: Revival[] = [];
    let held = false;
    for (const { binding } of stage.node.inputs) {
      if (binding.kind !== "output") continue;
      const record = this.#record(binding.stage)!;
      if (this.#store.hasBytes(record.outputs[binding.output]!.digest)) continue;
      held = true;
      if (!this.#waiting.has(binding.stage)) {
        this.#waiting.set(binding.stage, new Set());
        revivals.push({ id: binding.stage, record });
      }
      this.#waiting.get(binding.stage)!.add(stage);
    }
    return held ? revivals : undefined;
  }

  /** The result of a stage that was offered: with all its bytes, if it runs again for them. */
  whole(id: string, record: ActionRecord | undefined): ActionRecord | undefined {
    if (!record || !this.has(id)) return record;
    const here = Object.values(record.outputs).every(({ digest }) => this.#store.hasBytes(digest));
    return here ? record : undefined;
  }

  /** A stage's bytes are back, or do not come: gives those that waited for them. */
  release(id: string): T[] {
    const waiting = [...this.#waiting.get(id) ?? []];
    this.#waiting.delete(id);
    for (const stage of waiting) {
      // It may wait for other bytes too; it is held again when it is to start.
      for (const others of this.#waiting.values()) others.delete(stage);
    }
    return waiting;
  }
}
