/**
 * The clips of each step, read from disk while the step before is computed: the reads are positional and
 * run on threads of the runtime, so that the device waits for a batch only if the disk is slower than it.
 *
 * @module
 */
import type { ClipStore } from "../clips/clip_store.ts";
import { tensorOfClips } from "../encode/encode_clips.ts";
import type { Batch } from "./views.ts";

/** Which clips a step takes. */
export interface StepClips {
  /** Indices in the `clips` artifact of what the query view is of. */
  readonly query: Uint32Array;
  /** Those of what the key view is of; absent if they are the same. */
  readonly key?: Uint32Array | undefined;
}

/** A step's clips, the caller's to dispose of; `key` is `query` itself where both views are of the same clips. */
export interface StepBatch {
  readonly query: Batch;
  readonly key: Batch;
}

interface Reading {
  readonly step: number;
  readonly chosen: StepClips;
  readonly query: Promise<Float32Array>;
  readonly key: Promise<Float32Array> | undefined;
}

/** Reads one step ahead. */
export class BatchReader {
  readonly #store: ClipStore;
  readonly #choose: (step: number) => StepClips;
  readonly #steps: number;
  #ahead: Reading | undefined;

  /**
   * Reads nothing yet.
   *
   * @param choose Says which clips a step takes, the same whenever it is asked.
   * @param steps Steps in all: nothing is read beyond the last.
   */
  constructor(store: ClipStore, choose: (step: number) => StepClips, steps: number) {
    this.#store = store;
    this.#choose = choose;
    this.#steps = steps;
  }

  /** The clips of a step; those of the next one are on their way when it returns. */
  async take(step: number): Promise<StepBatch> {
    const reading = this.#ahead?.step === step ? this.#ahead : this.#begin(step);
    this.#ahead = undefined;
    const [query, key] = await Promise.all([reading.query, reading.key]);
    if (step + 1 < this.#steps) this.#ahead = this.#begin(step + 1);
    const first = this.#batch(reading.chosen.query, query);
    return {
      query: first,
      key: key === undefined ? first : this.#batch(reading.chosen.key!, key),
    };
  }

  /** Waits for what is being read, so that files can be closed; called at the end of `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled([this.#ahead?.query, this.#ahead?.key]);
    this.#ahead = undefined;
  }

  #begin(step: number): Reading {
    const chosen = this.#choose(step);
    const query = this.#store.read(chosen.query);
    const key = chosen.key === undefined ? undefined : this.#store.read(chosen.key);
    // A failure is met by the step that takes it, and must not end the process before.
    query.catch(() => {});
    key?.catch(() => {});
    return { step, chosen, query, key };
  }

  #batch(indices: Uint32Array, values: Float32Array): Batch {
    return { indices, clips: tensorOfClips(this.#store, indices.length, values) };
  }
}
