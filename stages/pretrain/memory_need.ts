/**
 * The memory that pre-training takes at its peak, and the largest batch that a machine can bear.
 *
 * @module
 */
import type { Machine, MemoryNeed, PortFacts } from "../../pipeline/stage.ts";
import { type DataShape, modelConfig } from "../model/config.ts";
import { gpuStep } from "../model/gpu_memory.ts";
import { gpuNeed } from "../model/gpu_need.ts";
import { stepBytes } from "../model/step_memory.ts";
import type { PretrainParams } from "./definition.ts";

/** What 32-bit addresses reach, less the last page. */
const MOST_MIB = 4095;

/** Of the kernels' memory: what each thread has, what growing in steps may leave over, and gaps. */
const THREAD_MIB = 4;
const GROWTH_MIB = 16;
const GAPS = 0.02;

/** Most of what a process takes beside the kernels' memory: code, weights as they are read, clips. */
const PROCESS_MIB = 350;

/** Fewest clips in a batch. */
const FEWEST = 3;

/** Classes, where they are not known yet: they hardly count. */
const CLASSES = 60;

/**
 * What a run needs on the `simd` and `webgpu` backends; nothing is known of others, nor before the clips'
 * frames and bodies are.
 */
export function memoryNeed(
  params: PretrainParams,
  { clips }: PortFacts,
  machine: Machine,
): MemoryNeed | undefined {
  const { frames, bodies, classes } = clips ?? {};
  if (machine.backend !== "simd" && machine.backend !== "webgpu") return undefined;
  if (typeof frames !== "number" || typeof bodies !== "number") return undefined;
  const data = { frames, bodies, classes: typeof classes === "number" ? classes : CLASSES };
  if (machine.backend === "webgpu") {
    return gpuNeed({
      numbers: (batch) => gpuStep(modelConfig(params), data, batch),
      batch: params.batch,
      fewest: FEWEST,
      divides: { number: params.queue, name: "queue" },
      what: "a step",
    }, machine);
  }
  const kernelsOf = (batch: number) => kernelsMiB(params, data, machine.cores, batch);
  const { batch, queue } = params;
  const fits = (size: number) =>
    kernelsOf(size) <= MOST_MIB && kernelsOf(size) + PROCESS_MIB <= machine.memoryMiB;
  const peakMiB = Math.ceil(kernelsOf(batch) + PROCESS_MIB);
  if (fits(batch)) return { peakMiB };

  const limit = machine.memoryMiB - PROCESS_MIB > MOST_MIB
    ? `${Math.ceil(kernelsOf(batch))} of them in the kernels' memory, which ends at 4096 MiB`
    : `and stages may use ${Math.floor(machine.memoryMiB)} MiB of this machine`;
  const why = `a step would take ${peakMiB} MiB at its peak, ${limit}`;
  let most = batch - 1;
  while (most >= FEWEST && !fits(most)) most--;
  let whole = most;
  while (whole >= FEWEST && queue % whole !== 0) whole--;
  const message = most < FEWEST
    ? `expected a smaller model or shorter clips, found no batch that fits: with ${batch} clips ${why}`
    : whole < FEWEST
    ? `expected at most ${most}, and a queue that is a multiple of it, found ${batch}: ${why}`
    : `expected at most ${whole}${
      whole === most ? "" : `, the largest that divides queue ${queue} of the ${most} that fit`
    }, found ${batch}: ${why}`;
  return { peakMiB, problem: { path: ["batch"], message } };
}

/** MiB of the kernels' memory that are touched in all. */
function kernelsMiB(
  params: PretrainParams,
  data: DataShape,
  cores: number,
  batch: number,
): number {
  const step = stepBytes(modelConfig(params), data, batch) / 2 ** 20;
  return (1 + GAPS) * step + THREAD_MIB * cores + GROWTH_MIB;
}
