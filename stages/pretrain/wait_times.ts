/**
 * What the time of a run goes to: waiting for the device, waiting for clips, and the rest, in which the
 * program works, and the device too if it has been given enough to do. Times are said in the log and stand
 * in no artifact.
 *
 * @module
 */
import { deviceWaits } from "../tensor/device_waits.ts";

/** Adds up waits from its making on. */
export class WaitTimes {
  readonly #began = performance.now();
  readonly #device = deviceWaits();
  #clips = 0;

  /** Waits for clips. */
  async forClips<T>(clips: Promise<T>): Promise<T> {
    const from = performance.now();
    try {
      return await clips;
    } finally {
      this.#clips += performance.now() - from;
    }
  }

  /** Shares of the time so far, in words. */
  get words(): string {
    const all = performance.now() - this.#began;
    const share = (ms: number) => `${(100 * ms / all).toFixed(1)} %`;
    return `waited for the device ${share(deviceWaits() - this.#device)}, ` +
      `for clips ${share(this.#clips)} of ${(all / 1000).toFixed(1)} s`;
  }
}
