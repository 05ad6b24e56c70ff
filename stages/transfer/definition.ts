/**
 * The `transfer` stage: an encoder that was pre-trained on one data set, fine-tuned and tested on another
 * (method section 8, "PKU and transfer"). Classes are those of the clips given; frames and bodies may be
 * others than the encoder's, since its weights do not depend on them.
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
} from "../finetune/ports.ts";
import { fineTuningParams, trainingProblems } from "../finetune/training_params.ts";

/** Parameters of `transfer`. */
export const transferParams = z.strictObject({
  ...fineTuningParams,
  from: z.string().min(1).optional().describe(
    "What the encoder was pre-trained on, such as NTU RGB+D 60 xsub, for title and source.",
  ),
});

/** Parameters of `transfer` after defaults. */
export type TransferParams = z.output<typeof transferParams>;

/** See this module's page. */
export const transfer: StageDefinition<typeof transferParams> = {
  name: "transfer",
  summary: "Fine-tunes an encoder that was pre-trained on another data set, and tests it",
  params: transferParams,
  inputs: {
    ...TRAINING_INPUTS,
    clips: { type: "clips", summary: "Normalised clips of the set to be tested on" },
    encoder: { type: "encoder", summary: "Encoder of another set, each of its members in turn" },
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
  check: trainingProblems,
};
