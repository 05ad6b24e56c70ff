/**
 * Time that the program spends waiting for its device.
 *
 * @module
 */

/** Adds up waits; those that overlap count once. */
export class DeviceClock {
  #ms = 0;
  #waits = 0;
  #since = 0;

  /** Milliseconds so far, of waits that are over. */
  get ms(): number {
    return this.#ms;
  }

  /** Waits for what the device gives. */
  async during<T>(wait: () => Promise<T>): Promise<T> {
    this.#begin();
    try {
      return await wait();
    } finally {
      this.#end();
    }
  }

  /** Hands calls over: a driver in software, or one with too many before it, keeps the program meanwhile. */
  handing<T>(over: () => T): T {
    this.#begin();
    try {
      return over();
    } finally {
      this.#end();
    }
  }

  #begin(): void {
    if (this.#waits++ === 0) this.#since = performance.now();
  }

  #end(): void {
    if (--this.#waits === 0) this.#ms += performance.now() - this.#since;
  }
}
