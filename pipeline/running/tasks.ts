/**
 * Work under way, and the moment when there is none.
 *
 * @module
 */

/** Counts tasks. */
export class Tasks {
  #count = 0;
  #failure: { readonly error: unknown } | undefined;
  #wake: (() => void) | undefined;

  /** Starts a task. */
  add(work: () => Promise<void>): void {
    this.#count++;
    work().catch((error) => {
      this.#failure ??= { error };
    }).finally(() => {
      this.#count--;
      if (this.#count === 0 || this.#failure) this.#wake?.();
    });
  }

  /**
   * Waits until there are none.
   *
   * @throws {unknown} What the first task threw that did.
   */
  async idle(): Promise<void> {
    while (this.#count > 0 && !this.#failure) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    if (this.#failure) throw this.#failure.error;
  }
}
