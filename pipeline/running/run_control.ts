/**
 * How a run is stopped from outside.
 *
 * @module
 */

/**
 * Stops a run: the first press asks running stages to save a checkpoint and stop, the second ends them
 * at once. Which signals are one press is the caller's business.
 */
export class RunControl {
  #presses = 0;
  #signal: Deno.Signal | undefined;
  readonly #listeners = new Set<(presses: number) => void>();

  /** How often {@link press} was called. */
  get presses(): number {
    return this.#presses;
  }

  /** The signal of the first press, where it was one. */
  get signal(): Deno.Signal | undefined {
    return this.#signal;
  }

  /** Asks to stop; the second time, to stop at once. */
  press(signal?: Deno.Signal): void {
    if (this.#presses++ === 0) this.#signal = signal;
    for (const listener of this.#listeners) listener(this.#presses);
  }

  /**
   * Calls back at each press, and at once for presses that were before.
   *
   * @returns Stops listening.
   */
  onPress(listener: (presses: number) => void): () => void {
    this.#listeners.add(listener);
    if (this.#presses > 0) listener(this.#presses);
    return () => void this.#listeners.delete(listener);
  }
}
