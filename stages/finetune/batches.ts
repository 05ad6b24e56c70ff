/**
 * Which clips each step of a training takes, and reading them from disk while the step before is computed.
 *
 * @module
 */
import type { ClipStore } from "../clips/clip_store.ts";
import { UnusableInput } from "../formats/unusable_input.ts";
import { BatchOrder } from "../pretrain/data_order.ts";
import { momentOf, type Timeline, timeline } from "../pretrain/timeline.ts";

/** Steps of a training: batches of one size. */
export interface BatchPlan extends Timeline {
  /** Clips in a step: the batch asked for, or all training clips where they are fewer. */
  readonly batch: number;
}

/**
 * Lays out a training: as many full batches an epoch as there are, the rest left out. Fewer clips than a
 * batch are one batch, so that nothing of a small subset is left out.
 *
 * @throws {UnusableInput} If no step is left, naming clips and batch.
 */
export function batchPlan(clips: number, batch: number, epochs: number): BatchPlan {
  const size = Math.min(batch, clips);
  const time = timeline(clips, size, epochs, null);
  if (!(time.steps > 0)) {
    throw new UnusableInput(
      `expected at least one step, found none: ${clips} clips train, in batches of ${batch}`,
    );
  }
  return { ...time, batch: size };
}

/** A step's clips. */
export interface StepClips {
  /** Indices in the `clips` artifact. */
  readonly indices: Uint32Array;
  /** Their coordinates, (N, 3, T, V, M). */
  readonly values: Float32Array;
}

/** Reads one step ahead. */
export class Batches {
  readonly #store: ClipStore;
  readonly #plan: BatchPlan;
  readonly #order: BatchOrder;
  #ahead: { step: number; indices: Uint32Array; values: Promise<Float32Array> } | undefined;

  /**
   * Reads nothing yet.
   *
   * @param seed Of the order, which is another one in each epoch.
   * @param train Indices of the training clips.
   */
  constructor(store: ClipStore, seed: number, train: readonly number[], plan: BatchPlan) {
    this.#store = store;
    this.#plan = plan;
    this.#order = new BatchOrder(seed, train, plan.batch);
  }

  /** The clips of a step; those of the next one are on their way when it returns. */
  async take(step: number): Promise<StepClips> {
    const { indices, values } = this.#ahead?.step === step ? this.#ahead : this.#begin(step);
    this.#ahead = undefined;
    const found = { indices, values: await values };
    if (step + 1 < this.#plan.steps) this.#ahead = this.#begin(step + 1);
    return found;
  }

  /** Waits for what is being read, so that files can be closed. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled([this.#ahead?.values]);
    this.#ahead = undefined;
  }

  #begin(step: number) {
    const { epoch, stepInEpoch } = momentOf(step, this.#plan.stepsPerEpoch);
    const indices = this.#order.indices(epoch, stepInEpoch);
    const values = this.#store.read(indices);
    // A failure is met by the step that takes it, and must not end the process before.
    values.catch(() => {});
    return { step, indices, values };
  }
}
