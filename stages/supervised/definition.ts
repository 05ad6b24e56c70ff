/**
 * The `supervised` stage: the backbone trained from scratch with labels, the control beside every
 * encoder that was pre-trained without them. Batch statistics and dropout are always in use: frozen
 * statistics of random weights would be another, poorer recipe.
 *
 * @module
 */
import { z } from "zod";
import type { StageDefinition } from "../../pipeline/stage.ts";
import {
  TRAINING_INPUTS,
  TRAINING_OUTPUTS,
  TRAINING_RESOURCES,
  trainingFacts,
} from "../finetune/ports.ts";
import { trainingParams, trainingProblems } from "../finetune/training_params.ts";
import { classifierNeed } from "../model/classifier_memory.ts";
import { modelParams } from "../model/config.ts";

const { lr, schedule, weight_decay } = trainingParams;

/** Parameters of `supervised`. */
export const supervisedParams = z.strictObject({
  ...trainingParams,
  width: modelParams.width,
  hidden_dim: modelParams.hidden_dim.describe("Channels that the backbone ends with."),
  stream: modelParams.stream.describe(
    "What the backbone is fed: coordinates, their differences in time, or along bones.",
  ),
  dropout: modelParams.dropout,
  init: modelParams.init.unwrap().default("pytorch").describe(
    "First weights: PyTorch's layer defaults, or normal with standard deviation 0.02.",
  ),
  members: z.int().min(1).default(1).describe(
    "Trainings, each with first weights, data order, dropout and augmentation of its own.",
  ),
  lr: lr.unwrap().default(0.1).describe("Base learning rate."),
  schedule: schedule.unwrap().default("cosine").describe(
    "Learning rate: a tenth after each milestone, or half a cosine to zero.",
  ),
  weight_decay: weight_decay.unwrap().default(1e-4).describe(
    "Weight decay of every trained tensor.",
  ),
});

/** Parameters of `supervised` after defaults. */
export type SupervisedParams = z.output<typeof supervisedParams>;

/** See this module's page. */
export const supervised: StageDefinition<typeof supervisedParams> = {
  name: "supervised",
  summary: "Trains the backbone from scratch with labels, and tests it",
  params: supervisedParams,
  inputs: {
    ...TRAINING_INPUTS,
    policy: { type: "policy", summary: "Augmentation of the training clips; no part swap" },
  },
  outputs: TRAINING_OUTPUTS,
  entry: {
    cpu: new URL("./entry_cpu.ts", import.meta.url).href,
    simd: new URL("./entry_simd.ts", import.meta.url).href,
    webgpu: new URL("./entry_webgpu.ts", import.meta.url).href,
  },
  ...TRAINING_RESOURCES,
  facts: (_params, inputs) => trainingFacts(inputs),
  check: trainingProblems,
  memory: ({ width, hidden_dim, batch }, inputs, machine) =>
    classifierNeed({ width, hidden_dim, batch, mode: "train" }, inputs, machine),
};
