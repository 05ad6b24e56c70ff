/**
 * The memory that a stage takes on the `simd` and `webgpu` backends, from what its kernels take, and the
 * largest batch that a machine can bear. Imports no tensor library.
 *
 * @module
 */
import type { Machine, MemoryNeed } from "../../pipeline/stage.ts";
import type { GpuNumbers } from "./gpu_memory.ts";
import { gpuNeed } from "./gpu_need.ts";

/** What 32-bit addresses reach, less the last page. */
const MOST_MIB = 4095;

/** Of the kernels' memory: what each thread has, what growing in steps may leave over, and gaps. */
const THREAD_MIB = 4;
const GROWTH_MIB = 16;
const GAPS = 0.02;

/** Most of what a process takes beside the kernels' memory: code, weights as they are read, clips. */
const PROCESS_MIB = 350;

/** What a stage computes at once. */
export interface KernelsWork {
  /** Bytes of the kernels' memory at the peak, for so many clips at once. */
  readonly bytes: (batch: number) => number;
  /** Clips at once. */
  readonly batch: number;
  /** Fewest that make sense. */
  readonly fewest: number;
  /** What is done with them, such as `a step`. */
  readonly what: string;
  /** On the `webgpu` backend, for so many clips at once. */
  readonly gpu?: (batch: number) => GpuNumbers;
  /** MiB that the stage holds beside the kernels' memory, more than a process does anyway. Default 0. */
  readonly besideMiB?: number;
}

/** What a stage needs on the `simd` and `webgpu` backends; nothing is known of others. */
export function kernelsNeed(work: KernelsWork, machine: Machine): MemoryNeed | undefined {
  if (machine.backend === "webgpu" && work.gpu !== undefined) {
    return gpuNeed({ ...work, numbers: work.gpu }, machine);
  }
  if (machine.backend !== "simd") return undefined;
  const { batch, fewest, what } = work;
  const process = PROCESS_MIB + (work.besideMiB ?? 0);
  const kernelsOf = (batch: number) =>
    (1 + GAPS) * work.bytes(batch) / 2 ** 20 + THREAD_MIB * machine.cores + GROWTH_MIB;
  const fits = (batch: number) =>
    kernelsOf(batch) <= MOST_MIB && kernelsOf(batch) + process <= machine.memoryMiB;
  const peakMiB = Math.ceil(kernelsOf(batch) + process);
  if (fits(batch)) return { peakMiB };

  const limit = machine.memoryMiB - process > MOST_MIB
    ? `${Math.ceil(kernelsOf(batch))} of them in the kernels' memory, which ends at 4096 MiB`
    : `and stages may use ${Math.floor(machine.memoryMiB)} MiB of this machine`;
  const why = `${what} would take ${peakMiB} MiB at its peak, ${limit}`;
  let most = batch - 1;
  while (most >= fewest && !fits(most)) most--;
  const message = most < fewest
    ? `expected a smaller model or shorter clips, found no batch that fits: with ${batch} clips ${why}`
    : `expected at most ${most}, found ${batch}: ${why}`;
  return { peakMiB, problem: { path: ["batch"], message } };
}

/** Frames and bodies of clips, and classes where they are known; `undefined` before the former are. */
export function dataShapeOf(
  clips: Readonly<Record<string, unknown>> | undefined,
): { frames: number; bodies: number; classes: number } | undefined {
  const { frames, bodies, classes } = clips ?? {};
  if (typeof frames !== "number" || typeof bodies !== "number") return undefined;
  return { frames, bodies, classes: typeof classes === "number" ? classes : CLASSES };
}

/** Classes, where they are not known yet: they hardly count. */
const CLASSES = 60;
