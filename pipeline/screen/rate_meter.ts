/**
 * How fast a stage moves and how long it still takes.
 *
 * @module
 */

/** The time constant of the smoothing, in seconds: old speed fades, so that a slow start does not stick. */
const MEMORY = 30;

/** Follows `done` of `total` over time. */
export class RateMeter {
  #first: { time: number; done: number } | undefined;
  #last: { time: number; done: number } | undefined;
  #smooth: number | undefined;
  #total = 0;

  /**
   * Takes in a report. The first one only sets the start: what a checkpoint had done before does not
   * count as speed.
   *
   * @param time Seconds on any steady clock.
   * @param done Units done so far.
   * @param total Units in all.
   */
  report(time: number, done: number, total: number): void {
    this.#total = total;
    if (this.#last === undefined || done < this.#last.done) {
      this.#first = this.#last = { time, done };
      this.#smooth = undefined;
      return;
    }
    const seconds = time - this.#last.time;
    const units = done - this.#last.done;
    if (seconds <= 0 || units === 0) return;
    const now = units / seconds;
    const weight = 1 - Math.exp(-seconds / MEMORY);
    this.#smooth = this.#smooth === undefined ? now : this.#smooth + weight * (now - this.#smooth);
    this.#last = { time, done };
  }

  /** Units per second; `undefined` until two reports differ. */
  get perSecond(): number | undefined {
    return this.#smooth;
  }

  /**
   * Seconds still to go.
   *
   * @param time The clock now: what passed since the last report is taken off.
   */
  left(time: number): number | undefined {
    if (this.#smooth === undefined || this.#last === undefined) return undefined;
    const left = (this.#total - this.#last.done) / this.#smooth - (time - this.#last.time);
    return Math.max(0, left);
  }

  /** Seconds since the first report. */
  elapsed(time: number): number {
    return this.#first === undefined ? 0 : time - this.#first.time;
  }
}
