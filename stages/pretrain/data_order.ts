/**
 * In which order the clips of an epoch are seen: a function of seed and epoch alone, so that a run
 * that goes on at any step sees what it would have seen.
 *
 * @module
 */
import { randomStream } from "../random.ts";

/**
 * The clips of an epoch in the order of training.
 *
 * @param clips Clip indices to train on.
 * @param epoch 1-based.
 * @returns The same indices in random order; batch b of size N is `[b N, (b + 1) N)`.
 */
export function epochOrder(seed: number, epoch: number, clips: readonly number[]): Uint32Array {
  const order = randomStream(seed, "order", epoch).permutation(clips.length);
  return order.map((at) => clips[at]!);
}

/** Batches of a run by step, keeping the order of the epoch in use. */
export class BatchOrder {
  readonly #seed: number;
  readonly #clips: readonly number[];
  readonly #batch: number;
  #epoch = 0;
  #order: Uint32Array = new Uint32Array(0);

  /**
   * Orders nothing yet: an epoch is ordered when it is first asked for.
   *
   * @param seed Seed of the order.
   * @param clips Clip indices to train on, at least `batch`.
   * @param batch Clips in a batch.
   */
  constructor(seed: number, clips: readonly number[], batch: number) {
    this.#seed = seed;
    this.#clips = clips;
    this.#batch = batch;
  }

  /** The clip indices of a batch, by 1-based epoch and 0-based step in it. */
  indices(epoch: number, stepInEpoch: number): Uint32Array {
    if (epoch !== this.#epoch) {
      this.#epoch = epoch;
      this.#order = epochOrder(this.#seed, epoch, this.#clips);
    }
    return this.#order.subarray(stepInEpoch * this.#batch, (stepInEpoch + 1) * this.#batch);
  }
}
