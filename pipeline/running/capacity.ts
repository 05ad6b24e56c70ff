/**
 * What a machine can bear at once.
 *
 * @module
 */
import process from "node:process";
import type { Resources } from "../stage.ts";

/** What a stage takes while it runs. */
export interface Need extends Resources {
  /** The device it computes on, if only one stage at a time may. */
  readonly device: string | undefined;
}

/** Whether a stage may start now, or what it waits for. */
export type Fit = "fits" | "no room" | "device busy";

/** Part of the machine's memory that stages may declare together. */
const MEMORY_SHARE = 0.9;

/** Memory that processes here may use, in MiB: the machine's, or less in a container. */
export function memoryMiB(): number {
  const { total } = Deno.systemMemoryInfo();
  const limit = process.constrainedMemory();
  return (limit > 0 ? Math.min(limit, total) : total) / 2 ** 20;
}

/** Memory that stages may use together, in MiB: most of what there is. */
export function stagesMemoryMiB(): number {
  return MEMORY_SHARE * memoryMiB();
}

/** Counts cores, memory and devices. A stage that declares more than there is runs alone. */
export class Capacity {
  readonly #cores: number;
  readonly #memoryMiB: number;
  readonly #taken = new Map<string, Need>();
  readonly #devices = new Set<string>();
  #coresTaken = 0;
  #memoryTaken = 0;
  #working = 0;

  /**
   * Counts from nothing taken.
   *
   * @param cores Cores to give out (default: all of the machine).
   * @param memory Memory to give out, in MiB (default: most of the machine's).
   */
  constructor(
    cores: number = navigator.hardwareConcurrency,
    memory: number = stagesMemoryMiB(),
  ) {
    this.#cores = cores;
    this.#memoryMiB = memory;
  }

  /** Whether what a stage needs is there. */
  fit({ cores, memoryMiB, device }: Need): Fit {
    if (device !== undefined && this.#devices.has(device)) return "device busy";
    const room = this.#coresTaken + cores <= this.#cores &&
      this.#memoryTaken + memoryMiB <= this.#memoryMiB;
    return room || this.#working === 0 ? "fits" : "no room";
  }

  /** Takes what a stage needs, if it is there. */
  take(id: string, need: Need): boolean {
    if (this.fit(need) !== "fits") return false;
    this.#add(id, need);
    return true;
  }

  /** Counts a device as busy, for as long as another process computes on it. */
  block(id: string, device: string): void {
    this.#add(id, { cores: 0, memoryMiB: 0, device });
  }

  /** Gives back what a stage took. */
  give(id: string): void {
    const need = this.#taken.get(id);
    if (!need) return;
    this.#taken.delete(id);
    this.#count(need, -1);
    if (need.device !== undefined) this.#devices.delete(need.device);
  }

  #add(id: string, need: Need): void {
    this.#taken.set(id, need);
    this.#count(need, 1);
    if (need.device !== undefined) this.#devices.add(need.device);
  }

  #count({ cores, memoryMiB }: Need, sign: 1 | -1): void {
    this.#coresTaken += sign * cores;
    this.#memoryTaken += sign * memoryMiB;
    if (cores > 0 || memoryMiB > 0) this.#working += sign;
  }
}
