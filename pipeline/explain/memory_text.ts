/**
 * What stages of a plan take of the machine's memory, as text.
 *
 * @module
 */
import type { Plan, PlannedStage } from "../plan.ts";
import { plainTable } from "../screen/plain_table.ts";

/** Memory of a stage. */
export interface StageMemory {
  /** MiB at the peak, worked out or declared. */
  readonly peakMiB: number;
  /** It follows from parameters and inputs; else its definition declares it for all of them. */
  readonly workedOut: boolean;
  /** MiB of the GPU's memory at the peak, where that was worked out. */
  readonly gpuMiB?: number;
}

/** What a planned stage takes at its peak. */
export function memoryOf({ planning }: Plan, { node }: PlannedStage): StageMemory {
  const need = planning.memoryNeed(node);
  return {
    peakMiB: need?.peakMiB ?? planning.resourcesOf(node).memoryMiB,
    workedOut: need !== undefined,
    ...(need?.gpuMiB === undefined ? {} : { gpuMiB: need.gpuMiB }),
  };
}

/** What is known of the GPU's memory, where stages compute on one. */
function gpuText({ planning: { device } }: Plan): string {
  const gpu = device?.gpu;
  if (gpu === undefined) return "";
  const { tensorMiB, memoryMiB, software } = gpu;
  const all = software
    ? "has the machine's memory"
    : memoryMiB === undefined
    ? "does not tell how much memory it has"
    : `has ${memoryMiB} MiB`;
  return ` The GPU ${all}; a tensor ends at ${tensorMiB} MiB.`;
}

/**
 * What the stages that are to run take at their peak, and what they may use together.
 *
 * @param mostMiB What stages may use together.
 */
export function memoryText(plan: Plan, mostMiB: number): string {
  const pending = plan.stages.filter(({ state }) => state !== "cached");
  if (pending.length === 0) return "";
  const rows = pending.map((stage) => {
    const { peakMiB, workedOut, gpuMiB } = memoryOf(plan, stage);
    const beside = gpuMiB === undefined ? "" : `, and ${gpuMiB} MiB of the GPU's`;
    return [stage.node.id, `${peakMiB} MiB`, `${workedOut ? "worked out" : "declared"}${beside}`];
  });
  const width = Math.max(...rows.map(([, peak]) => peak!.length));
  const table = plainTable([
    ["stage", "memory at the peak", ""],
    ...rows.map(([id, peak, how]) => [id!, peak!.padStart(width), how!]),
  ]);
  return `${table}\nStages may use ${Math.floor(mostMiB)} MiB together.${gpuText(plan)}\n`;
}
