/**
 * The `finetune` stage: a pre-trained encoder and a linear layer trained together, with all labels
 * (method section 8).
 *
 * @module
 */
import { z } from "zod";
import type { StageDefinition } from "../../pipeline/stage.ts";
import {
  fineTuningMemory,
  TRAINING_INPUTS,
  TRAINING_OUTPUTS,
  TRAINING_RESOURCES,
  trainingFacts,
} from "./ports.ts";
import { fineTuningParams, fineTuningProblems } from "./training_params.ts";

/** Parameters of `finetune`; `semi_supervised` has the same. */
export const finetuneParams = z.strictObject(fineTuningParams);

/** Parameters of `finetune` after defaults. */
export type FinetuneParams = z.output<typeof finetuneParams>;

/** See this module's page. */
export const finetune: StageDefinition<typeof finetuneParams> = {
  name: "finetune",
  summary: "Fine-tunes a pre-trained encoder with labels, and tests it",
  params: finetuneParams,
  inputs: {
    ...TRAINING_INPUTS,
    encoder: { type: "encoder", summary: "Encoder to begin from, each of its members in turn" },
  },
  outputs: TRAINING_OUTPUTS,
  entry: {
    cpu: new URL("./entry_cpu.ts", import.meta.url).href,
    simd: new URL("./entry_simd.ts", import.meta.url).href,
    webgpu: new URL("./entry_webgpu.ts", import.meta.url).href,
  },
  ...TRAINING_RESOURCES,
  memory: fineTuningMemory,
  facts: (_params, inputs) => trainingFacts(inputs),
  check: fineTuningProblems,
};
