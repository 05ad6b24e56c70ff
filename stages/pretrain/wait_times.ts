/**
 * What the time of a run goes to: waiting for the device, waiting for clips, and the rest, in which the
 * program works and the device does too, if it has been given enough to do. Times are said in the log and
 * stand in no artifact.
 *
 * @module
 */

/** What may be waited for. */
export type Awaited = "the device" | "clips";

/** Adds up waits. */
export class WaitTimes {
  readonly #waited = new Map<Awaited, number>([["the device", 0], ["clips", 0]]);
  readonly #began = performance.now();

  /** Waits, and counts it. */
  async of<T>(what: Awaited, wait: Promise<T>): Promise<T> {
    const from = performance.now();
    try {
      return await wait;
    } finally {
      this.#waited.set(what, this.#waited.get(what)! + performance.now() - from);
    }
  }

  /** Shares of the time since the beginning, in words. */
  get words(): string {
    const all = performance.now() - this.#began;
    const shares = [...this.#waited].map(([what, ms]) =>
      `for ${what} ${(100 * ms / all).toFixed(1)} %`
    );
    return `waited ${shares.join(", ")} of ${(all / 1000).toFixed(1)} s`;
  }
}
