/**
 * How many steps a run has and where in the epochs each of them lies.
 *
 * @module
 */

/** Counts that every schedule refers to. */
export interface Timeline {
  /** Full batches in one pass over the clips; the remainder is dropped. */
  readonly stepsPerEpoch: number;
  /** Epochs that the schedules are laid out for. */
  readonly epochs: number;
  /** Steps to run: all of them, or fewer where the run is cut short. */
  readonly steps: number;
}

/** A step, seen from its epoch. */
export interface Moment {
  /** 1-based epoch. */
  readonly epoch: number;
  /** 0-based step in the epoch. */
  readonly stepInEpoch: number;
}

/**
 * Lays out a run.
 *
 * @param clips Clips to train on.
 * @param batch Clips in a batch; at most `clips`.
 * @param cap Steps after which to stop, whatever the epochs; `null` for none.
 */
export function timeline(
  clips: number,
  batch: number,
  epochs: number,
  cap: number | null,
): Timeline {
  const stepsPerEpoch = Math.floor(clips / batch);
  const steps = stepsPerEpoch * epochs;
  return { stepsPerEpoch, epochs, steps: cap === null ? steps : Math.min(cap, steps) };
}

/** The epoch of a step and its place there. */
export function momentOf(step: number, stepsPerEpoch: number): Moment {
  return { epoch: Math.floor(step / stepsPerEpoch) + 1, stepInEpoch: step % stepsPerEpoch };
}
