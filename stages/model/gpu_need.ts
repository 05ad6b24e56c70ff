/**
 * The memory that a stage takes on the `webgpu` backend, the process's and the GPU's, and the largest batch
 * that fits. Batches are never split in secret: batch normalisation would see others. Imports no tensor
 * library.
 *
 * @module
 */
import type { Machine, MemoryNeed } from "../../pipeline/stage.ts";
import type { GpuNumbers } from "./gpu_memory.ts";

/** Most of what a process takes beside: code, the driver, weights as they are read, clips. */
const PROCESS_MIB = 1024;

/** Share of a card's memory that a stage may take: a screen and other programs have the rest. */
const CARD_SHARE = 0.92;

/** What a stage computes at once. */
export interface GpuWork {
  /** For so many clips at once. */
  readonly numbers: (batch: number) => GpuNumbers;
  /** Clips at once. */
  readonly batch: number;
  /** Fewest that make sense. */
  readonly fewest: number;
  /** What a batch has to divide, and what that is called. */
  readonly divides?: { readonly number: number; readonly name: string };
  /** What is done with them, such as `a step`. */
  readonly what: string;
  /** MiB that the process holds beside, more than it does anyway. Default 0. */
  readonly besideMiB?: number;
}

/** What a stage needs. */
export function gpuNeed(work: GpuWork, machine: Machine): MemoryNeed {
  const { numbers, batch, fewest, divides, what } = work;
  const { gpu } = machine;
  const process = PROCESS_MIB + (work.besideMiB ?? 0);
  const mib = (bytes: number) => Math.ceil(bytes / 2 ** 20);
  const hostOf = (count: number) =>
    process + (gpu?.software === true ? mib(numbers(count).bytes) : 0);
  const why = (count: number): string | undefined => {
    const { bytes, largest } = numbers(count);
    if (gpu !== undefined && mib(largest) > gpu.tensorMiB) {
      return `its largest tensor would take ${
        mib(largest)
      } MiB, and the GPU binds ${gpu.tensorMiB}`;
    }
    const card = gpu?.memoryMiB === undefined ? Infinity : CARD_SHARE * gpu.memoryMiB;
    if (mib(bytes) > card) {
      return `${what} would take ${mib(bytes)} MiB at its peak, and the GPU has ${gpu!.memoryMiB}`;
    }
    if (hostOf(count) > machine.memoryMiB) {
      return `${what} would take ${hostOf(count)} MiB at its peak, and stages may use ` +
        `${Math.floor(machine.memoryMiB)} MiB of this machine`;
    }
    return undefined;
  };
  const need = { peakMiB: Math.ceil(hostOf(batch)), gpuMiB: mib(numbers(batch).bytes) };
  const reason = why(batch);
  if (reason === undefined) return need;

  let most = batch - 1;
  while (most >= fewest && why(most) !== undefined) most--;
  let whole = most;
  while (divides !== undefined && whole >= fewest && divides.number % whole !== 0) whole--;
  const message = most < fewest
    ? `expected a smaller model or shorter clips, found no batch that fits: with ${batch} clips ${reason}`
    : whole < fewest
    ? `expected at most ${most}, and a ${
      divides!.name
    } that is a multiple of it, found ${batch}: ${reason}`
    : `expected at most ${whole}${
      whole === most
        ? ""
        : `, the largest that divides ${divides!.name} ${divides!.number} of the ${most} that fit`
    }, found ${batch}: ${reason}`;
  return { ...need, problem: { path: ["batch"], message } };
}
