/**
 * What a machine can bear at once.
 *
 * @module
 */
import type { Resources } from "./stage.ts";

/** What a stage takes while it runs. */
export interface Need extends Resources {
  /** The device it computes on, if only one stage at a time may. */
  readonly device: string | undefined;
}

/** Part of the machine's memory that stages may declare together. */
const MEMORY_SHARE = 0.9;

/** Counts cores, memory and devices. A stage that declares more than there is runs alone. */
export class Capacity {
  readonly #cores: number;
  readonly #memoryMiB: number;
  readonly #taken = new Map<string, Need>();

  /** @param cores Cores to give out (default: all of the machine). */
  constructor(cores: number = navigator.hardwareConcurrency) {
    this.#cores = cores;
    this.#memoryMiB = MEMORY_SHARE * Deno.systemMemoryInfo().total / 2 ** 20;
  }

  /** Takes what a stage needs, if it is there. */
  take(id: string, need: Need): boolean {
    const others = [...this.#taken.values()];
    const sum = (of: (need: Need) => number) =>
      others.reduce((n, other) => n + of(other), of(need));
    const fits = sum((n) => n.cores) <= this.#cores &&
      sum((n) => n.memoryMiB) <= this.#memoryMiB &&
      !others.some(({ device }) => device !== undefined && device === need.device);
    if (!fits && others.length > 0) return false;
    this.#taken.set(id, need);
    return true;
  }

  /** Gives back what a stage took. */
  give(id: string): void {
    this.#taken.delete(id);
  }
}
