/**
 * Positives that are none (`positives: shuffled`): the key view of each clip is taken from another
 * clip. What such a training reaches comes from anything but the likeness of two views of one clip.
 *
 * @module
 */
import { randomStream } from "../random.ts";

/**
 * Which other clip stands in for each, epoch by epoch: the clips to train on form one ring, in an
 * order that seed and epoch draw, and each is given the next one. So no clip is given itself, and
 * in a whole epoch each clip is given once.
 */
export class OtherClips {
  readonly #seed: number;
  readonly #clips: readonly number[];
  #epoch = 0;
  #next: ReadonlyMap<number, number> = new Map();

  /**
   * @param seed Seed of the rings.
   * @param clips Indices of the clips to train on, at least 2.
   */
  constructor(seed: number, clips: readonly number[]) {
    this.#seed = seed;
    this.#clips = clips;
  }

  /** The clips that stand in for a batch's, by 1-based epoch. */
  of(epoch: number, indices: Uint32Array): Uint32Array {
    if (epoch !== this.#epoch) {
      const ring = randomStream(this.#seed, "shuffled positives", epoch)
        .permutation(this.#clips.length);
      this.#epoch = epoch;
      this.#next = new Map(
        Array.from(
          ring,
          (at, i) => [this.#clips[at]!, this.#clips[ring[(i + 1) % ring.length]!]!],
        ),
      );
    }
    return indices.map((clip) => this.#next.get(clip)!);
  }
}
