/**
 * The `semi_supervised` stage: a pre-trained encoder fine-tuned with the labels of a few clips (method
 * section 8). Which clips, the stage `subset` says.
 *
 * @module
 */
import type { StageDefinition } from "../../pipeline/stage.ts";
import { finetuneParams } from "../finetune/definition.ts";
import {
  fineTuningMemory,
  TRAINING_INPUTS,
  TRAINING_OUTPUTS,
  TRAINING_RESOURCES,
  trainingFacts,
} from "../finetune/ports.ts";
import { fineTuningProblems } from "../finetune/training_params.ts";

/** See this module's page. */
export const semiSupervised: StageDefinition<typeof finetuneParams> = {
  name: "semi_supervised",
  summary: "Fine-tunes a pre-trained encoder with the labels of a few clips, and tests it",
  params: finetuneParams,
  inputs: {
    ...TRAINING_INPUTS,
    split: {
      type: "split",
      summary: "Which clips are labelled and which test: a subset of a split",
    },
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
