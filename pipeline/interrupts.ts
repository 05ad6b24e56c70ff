/**
 * Ctrl-C. Under `deno task` one press arrives twice, from the terminal and from the task runner, so
 * signals within a second are one press.
 *
 * @module
 */

/** Seconds within which signals count as one press. */
const ONE_PRESS = 1;

/** Counts presses. */
export class PressCounter {
  readonly #clock: () => number;
  #last = -Infinity;
  #presses = 0;

  /** @param clock Seconds on a steady clock. */
  constructor(clock: () => number = () => performance.now() / 1000) {
    this.#clock = clock;
  }

  /**
   * Takes in a signal.
   *
   * @returns The number of the press, or nothing if the signal belongs to the press before.
   */
  signal(): number | undefined {
    const now = this.#clock();
    const same = now - this.#last < ONE_PRESS;
    if (same) return undefined;
    this.#last = now;
    return ++this.#presses;
  }
}

/**
 * Calls back at each press of Ctrl-C and each request to terminate.
 *
 * @param onPress Given the number of the press, from 1.
 * @returns Stops listening.
 */
export function watchInterrupts(onPress: (press: number) => void): () => void {
  const counter = new PressCounter();
  const listener = () => {
    const press = counter.signal();
    if (press !== undefined) onPress(press);
  };
  const signals: readonly Deno.Signal[] = Deno.build.os === "windows"
    ? ["SIGINT"]
    : ["SIGINT", "SIGTERM"];
  for (const signal of signals) Deno.addSignalListener(signal, listener);
  return () => {
    for (const signal of signals) Deno.removeSignalListener(signal, listener);
  };
}
