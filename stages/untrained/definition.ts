/**
 * The `untrained` stage: the control encoder that was never trained (method section 11b).
 *
 * @module
 */
import { z } from "zod";
import type { StageDefinition } from "../../pipeline/stage.ts";
import { TILES_INPUT } from "../autotune/tiles_input.ts";
import { ALL_CORES, KERNELS_INPUT } from "../kernels/kernels_input.ts";
import { encoderFacts, modelConfig, modelParams, modelProblems } from "../model/config.ts";
import { evaluationBytes, gpuEvaluation } from "../model/evaluation_memory.ts";
import { dataShapeOf, kernelsNeed } from "../model/kernels_need.ts";

/** Parameters of `untrained`. */
export const untrainedParams = z.strictObject({
  ...modelParams,
  members: z.int().min(1).default(3).describe(
    "Initialisations; the first is the one that `pretrain` starts from with the same seed.",
  ),
  batch: z.int().min(1).default(128).describe("Clips in a batch of the calibration."),
  seed: z.int().min(0).default(0).describe("Seed of the first weights."),
});

/** Parameters of `untrained` after defaults. */
export type UntrainedParams = z.output<typeof untrainedParams>;

/** First weights with calibrated batch normalisation. */
export const untrained: StageDefinition<typeof untrainedParams> = {
  name: "untrained",
  summary: "Makes untrained encoders with calibrated batch normalisation: the control of pretrain",
  params: untrainedParams,
  inputs: {
    clips: { type: "clips", summary: "Normalised clips" },
    split: { type: "split", summary: "Which clips batch normalisation is calibrated on" },
    kernels: KERNELS_INPUT,
    tiles: TILES_INPUT,
  },
  outputs: { encoder: { type: "encoder", summary: "One member an initialisation" } },
  entry: {
    cpu: new URL("./entry_cpu.ts", import.meta.url).href,
    simd: new URL("./entry_simd.ts", import.meta.url).href,
    webgpu: new URL("./entry_webgpu.ts", import.meta.url).href,
  },
  resources: { cores: 1, memoryMiB: 2048 },
  resourcesOn: { simd: { cores: ALL_CORES, memoryMiB: 2048 } },
  facts: (params, inputs) => ({
    encoder: encoderFacts(params, params.members, inputs.clips),
  }),
  check: (params, inputs) => modelProblems(params, undefined, inputs.clips),
  memory: (params, { clips }, machine) => {
    const data = dataShapeOf(clips);
    if (data === undefined) return undefined;
    return kernelsNeed({
      bytes: (count) => evaluationBytes(modelConfig(params), data, count),
      gpu: (count) => gpuEvaluation(modelConfig(params), data, count),
      batch: typeof clips?.clips === "number" ? Math.min(params.batch, clips.clips) : params.batch,
      fewest: 1,
      what: "a batch",
    }, machine);
  },
};
