/**
 * How much memory a classifier's step takes on the `simd` backend, before it is taken. Imports no tensor
 * library, so that a plan can ask.
 *
 * The step is walked through as the classifier takes it. Its forward pass leaves, of each block, what
 * gradients need: its input, what the graph convolution gave, that normalised, what the temporal
 * convolution gave, what the residual's convolution gave, and a bit or two for each number of its end.
 * From the last block to the first these are then freed, while gradients of a few such tensors are held.
 *
 * @module
 */
import type { Machine, MemoryNeed, PortFacts } from "../../pipeline/stage.ts";
import { backboneSpecs } from "./backbone_specs.ts";
import {
  type BackboneSize,
  blockNumbers,
  clipNumbers,
  forwardNumbers,
  specNumbers,
  WORD,
} from "./block_numbers.ts";
import type { DataShape } from "./config.ts";
import { gpuBatch } from "./gpu_memory.ts";
import { dataShapeOf, kernelsNeed } from "./kernels_need.ts";

/**
 * Bytes of the kernels' memory in use at the peak of a step, beside what threads have of their own; of
 * evaluation with as many clips at once, too.
 *
 * @param batch Clips in a batch, N; all bodies count as present.
 * @param mode As of a step.
 * @param withSums Whether partial sums of kernels' gradients count, as the `simd` backend makes them.
 */
export function classifierBytes(
  size: BackboneSize,
  data: DataShape,
  batch: number,
  mode: "eval" | "train",
  withSums = true,
): number {
  const bodies = batch * data.bodies;
  const clips = clipNumbers(data, bodies);
  const specs = backboneSpecs(size, data);
  // Weights and statistics, gradients, momenta.
  const state = specNumbers(specs) + 2 * specNumbers(specs, "trained");
  const blocks = blockNumbers(size, data.frames, bodies).map((block, i) => {
    const { input, graph, output, residual } = block;
    const bits = (mode === "train" && i > 0 ? 2 : 1) * output / 32;
    const sums = withSums ? block.sums : 0;
    return { ...block, sums, kept: input + 2 * graph + output + residual + bits };
  });
  // The clips and, frame by frame, what their normalisation keeps of them.
  const held = state + 2 * clips + blocks.reduce((sum, { kept }) => sum + kept, 0);
  let most = forwardNumbers(size, data, bodies) + state + clips;
  let freed = 0;
  for (const { input, graph, output, residual, kept, sums } of blocks.toReversed()) {
    const end = residual > 0 ? 4 * output : 3 * output;
    const beside = residual > 0 ? 2 * output + input + sums : output;
    const temporal = output + graph + input + sums;
    const spatial = Math.max(2 * graph + input, graph + 2 * input + sums, 3 * input);
    most = Math.max(most, held - freed + Math.max(end, beside, temporal, spatial));
    freed += kept;
  }
  return Math.ceil(WORD * most);
}

/** What a stage that trains a classifier knows of its steps while planning. */
export interface ClassifierWork {
  /** Of the backbone; each may be unknown before the encoder is there. */
  readonly width: unknown;
  readonly hidden_dim: unknown;
  /** Clips in a batch, N. */
  readonly batch: number;
  readonly mode: "eval" | "train";
}

/**
 * What a stage that trains a classifier needs, for its definition's `memory`; `undefined` on other backends
 * than `simd` and `webgpu`, or before frames, bodies and the backbone's size are known.
 *
 * @param inputs Facts about `clips` (frames, bodies, classes, clips).
 */
export function classifierNeed(
  { width, hidden_dim, batch, mode }: ClassifierWork,
  { clips }: PortFacts,
  machine: Machine,
): MemoryNeed | undefined {
  const data = dataShapeOf(clips);
  if (data === undefined) return undefined;
  if (typeof width !== "number" || typeof hidden_dim !== "number") return undefined;
  return kernelsNeed({
    bytes: (count) => classifierBytes({ width, hidden_dim }, data, count, mode),
    gpu: (count) =>
      gpuBatch({ width, hidden_dim }, data, count, {
        bytes: classifierBytes({ width, hidden_dim }, data, count, mode, false),
        trains: true,
      }),
    // A batch has no more clips than there are.
    batch: typeof clips?.clips === "number" ? Math.min(batch, clips.clips) : batch,
    fewest: 1,
    what: "a step",
  }, machine);
}
