/**
 * Ctrl-C, and the other ways in which a run is asked to stop: a request to terminate, a terminal that is
 * closed. Under `deno task` one press arrives twice, from the terminal and from the task runner, so
 * signals within a second are one press.
 *
 * @module
 */

/** Signals that ask to stop, with what a shell calls the status of a process that one of them ended. */
const STATUS: Partial<Record<Deno.Signal, number>> = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };

/**
 * The exit status of a run that was stopped.
 *
 * @param signal What stopped it (default: Ctrl-C).
 */
export function stoppedStatus(signal: Deno.Signal = "SIGINT"): number {
  return STATUS[signal] ?? 130;
}

/** Seconds within which signals count as one press. */
const ONE_PRESS = 1;

/** Counts presses. */
export class PressCounter {
  readonly #clock: () => number;
  #last = -Infinity;
  #presses = 0;

  /**
   * Begins with no press.
   *
   * @param clock Seconds on a steady clock.
   */
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
 * Calls back at each press of Ctrl-C, each request to terminate and when the terminal is closed.
 *
 * @param onPress Given the number of the press, from 1, and its signal.
 * @returns Stops listening.
 */
export function watchInterrupts(
  onPress: (press: number, signal: Deno.Signal) => void,
): () => void {
  const counter = new PressCounter();
  const signals = Deno.build.os === "windows" ? ["SIGINT"] : Object.keys(STATUS);
  const listeners = (signals as Deno.Signal[]).map((signal) => {
    const listener = () => {
      const press = counter.signal();
      if (press !== undefined) onPress(press, signal);
    };
    Deno.addSignalListener(signal, listener);
    return () => Deno.removeSignalListener(signal, listener);
  });
  return () => {
    for (const forget of listeners) forget();
  };
}
