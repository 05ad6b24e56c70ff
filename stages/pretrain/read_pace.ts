/**
 * How many steps a device may be ahead of what is known of them. Steps on a GPU are only recorded: it
 * computes them while the next are recorded, until somebody waits for it. Reading a step at a time would
 * leave it idle; reading too rarely would leave a slow device behind for minutes, with nobody to hear a
 * request to stop.
 *
 * @module
 */

/** Steps between two readbacks, as a rule. */
export const MOST_AHEAD = 50;

/** Milliseconds of steps that may be outstanding. */
const MOST_MS = 20_000;

/** Follows how long steps take. */
export class ReadPace {
  #steps = 1;
  #since = performance.now();

  /** Steps after which to read: one at first, then as many as take at most twenty seconds, at most 50. */
  get steps(): number {
    return this.#steps;
  }

  /**
   * To be told after each readback.
   *
   * @param steps Since the one before.
   */
  read(steps: number, now = performance.now()): void {
    const each = (now - this.#since) / Math.max(1, steps);
    this.#since = now;
    if (steps > 0) this.#steps = Math.min(MOST_AHEAD, Math.max(1, Math.floor(MOST_MS / each)));
  }
}
