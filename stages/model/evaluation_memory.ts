/**
 * How much memory it takes on the `simd` backend to run clips through an encoder without gradients, in
 * evaluation or to calibrate it, before it is done. Imports no tensor library, so that a plan can ask.
 *
 * @module
 */
import type { Facts, Machine, MemoryNeed, PortFacts } from "../../pipeline/stage.ts";
import { clipNumbers, forwardNumbers, specNumbers, WORD } from "./block_numbers.ts";
import { type DataShape, type ModelConfig, modelConfig } from "./config.ts";
import { gpuBatch, type GpuNumbers, pooledNumbers } from "./gpu_memory.ts";
import { dataShapeOf, kernelsNeed } from "./kernels_need.ts";
import { encoderSpecs, predictorSpecs } from "./parameters.ts";

/**
 * Bytes of the kernels' memory in use at the peak, beside what threads have of their own.
 *
 * @param config Of the whole model, whose two encoders and predictors are there. Its momenta and its queue
 * are nothing that a kernel touches then.
 * @param batch Clips at once, N; all bodies count as present.
 */
export function evaluationBytes(config: ModelConfig, data: DataShape, batch: number): number {
  const bodies = batch * data.bodies;
  const state = 2 * specNumbers(encoderSpecs(config, data)) + specNumbers(predictorSpecs(config));
  // The clips, and as a stream where that is another.
  const inputs = (config.stream === "joint" ? 1 : 2) * clipNumbers(data, bodies);
  return Math.ceil(WORD * (state + inputs + forwardNumbers(config, data, bodies)));
}

/** A batch on the `webgpu` backend, where momenta lie on the GPU from the beginning. */
export function gpuEvaluation(config: ModelConfig, data: DataShape, batch: number): GpuNumbers {
  const momenta = specNumbers(encoderSpecs(config, data), "trained") +
    specNumbers(predictorSpecs(config), "trained");
  const bodies = batch * data.bodies;
  const more = momenta + pooledNumbers(config, data, bodies) - forwardNumbers(config, data, bodies);
  const bytes = evaluationBytes(config, data, batch) + WORD * more;
  return gpuBatch(config, data, batch, { bytes, trains: false });
}

/** Bytes of one. */
const MIB = 2 ** 20;

/**
 * What a stage needs that runs all clips through an encoder, for its definition's `memory`; `undefined` on
 * other backends than `simd` and `webgpu`, or before frames, bodies and the encoder's size are known.
 *
 * @param encoder Facts about it (width, dim, stream, members).
 * @param batch Clips at once.
 */
export function encodingNeed(
  encoder: Facts | undefined,
  batch: number,
  { clips }: PortFacts,
  machine: Machine,
): MemoryNeed | undefined {
  const data = dataShapeOf(clips);
  const { width, dim, stream, members } = encoder ?? {};
  if (data === undefined || typeof width !== "number" || typeof dim !== "number") return undefined;
  // What else a model has hardly counts.
  const config = modelConfig({ width, hidden_dim: dim, stream });
  const rows = typeof clips?.clips === "number" ? clips.clips : 0;
  const features = WORD * rows * dim * (typeof members === "number" ? members : 1);
  return kernelsNeed({
    bytes: (count) => evaluationBytes(config, data, count),
    gpu: (count) => gpuEvaluation(config, data, count),
    batch: rows > 0 ? Math.min(batch, rows) : batch,
    fewest: 1,
    what: "a batch",
    besideMiB: features / MIB,
  }, machine);
}
