/**
 * The `pretrain` stage: SkeAttnCLR pre-training (method sections 5 to 7). Defaults are the released
 * setting.
 *
 * @module
 */
import { z } from "zod";
import type { Facts, PortFacts, Problem, StageDefinition } from "../../pipeline/stage.ts";
import { TILES_INPUT } from "../autotune/tiles_input.ts";
import { ALL_CORES, KERNELS_INPUT } from "../kernels/kernels_input.ts";
import { encoderFacts, modelParams, modelProblems } from "../model/config.ts";
import { memoryNeed } from "./memory_need.ts";

/** Parameters of `pretrain`. */
export const pretrainParams = z.strictObject({
  ...modelParams,
  batch: z.int().min(1).default(128).describe("Clips in a batch, N; at least 3."),
  epochs: z.int().min(1).default(300).describe("Passes over the clips; schedules span them."),
  steps: z.int().min(1).nullable().default(null).describe(
    "Stop after so many steps, the schedules staying those of all epochs; null for no limit.",
  ),
  lr: z.number().gt(0).default(0.1).describe("Base learning rate."),
  schedule: z.enum(["step", "cosine"]).default("step").describe(
    "Learning rate: a tenth after each milestone, or half a cosine to zero.",
  ),
  milestones: z.array(z.int().min(1)).default([250]).describe(
    "Epochs after which the learning rate falls to a tenth (schedule: step).",
  ),
  warmup_epochs: z.int().min(0).default(0).describe("Epochs of linear rise to the base rate."),
  weight_decay: z.number().min(0).default(1e-4).describe("Weight decay of every trained tensor."),
  sgd_momentum: z.number().min(0).lt(1).default(0.9).describe("Momentum of the optimiser."),
  ema: z.strictObject({
    schedule: z.enum(["cosine", "constant"]).default("cosine").describe(
      "The key encoder's momentum goes from `momentum` to 1, or stays.",
    ),
    phase: z.enum(["epoch", "step"]).default("epoch").describe(
      "The cosine starts one epoch in, as released, or at its beginning.",
    ),
  }).prefault({}).describe("Schedule of the key encoder's momentum."),
  positives: z.enum(["own", "shuffled"]).default("own").describe(
    "What the key view is of: the clip itself, or another clip drawn for each epoch - a control, " +
      "which has no likeness of two views to learn from.",
  ),
  checkpoint_every: z.int().min(1).default(500).describe(
    "Steps between checkpoints; a slow run saves one every ten minutes as well.",
  ),
  log_every: z.int().min(1).default(20).describe("Steps between rows of the log."),
  knn: z.strictObject({
    every: z.int().min(0).default(10).describe("Epochs between kNN checks; 0 for none at all."),
    k: z.array(z.int().min(1)).min(1).default([10, 20, 40]).describe("Numbers of neighbours."),
    clips: z.int().min(1).default(2000).describe(
      "Most clips in the bank and among the queries, evenly spread over the split.",
    ),
  }).prefault({}).describe("Monitor on clean clips; it never touches the training."),
  mask: z.strictObject({
    clips: z.int().min(0).default(32).describe(
      "Most clips that the attention mask is asked about, evenly spread over those that the kNN " +
        "monitor asks about; 0 to leave it.",
    ),
  }).prefault({}).describe("Where the mask varies, and whether it finds swapped parts."),
  seed: z.int().min(0).default(0).describe("Seed of first weights, data order and dropout."),
});

/** Parameters of `pretrain` after defaults. */
export type PretrainParams = z.output<typeof pretrainParams>;

/** Trains an encoder without labels. */
export const pretrain: StageDefinition<typeof pretrainParams> = {
  name: "pretrain",
  summary: "Pre-trains an encoder without labels: SkeAttnCLR",
  params: pretrainParams,
  inputs: {
    clips: { type: "clips", summary: "Normalised clips" },
    split: { type: "split", summary: "Which clips to train on, and which the monitor asks about" },
    policy: { type: "policy", summary: "Augmentation policy" },
    kernels: KERNELS_INPUT,
    tiles: TILES_INPUT,
  },
  outputs: {
    encoder: { type: "encoder", summary: "Weights of the query encoder, loadable in PyTorch" },
    log: { type: "training_log", summary: "log.csv, knn.csv, mask.csv and summary.json" },
    training: {
      type: "training_state",
      summary: "training.safetensors: key encoder, predictors and queue at the end",
    },
  },
  entry: {
    cpu: new URL("./entry_cpu.ts", import.meta.url).href,
    simd: new URL("./entry_simd.ts", import.meta.url).href,
    webgpu: new URL("./entry_webgpu.ts", import.meta.url).href,
  },
  resources: { cores: 1, memoryMiB: 4096 },
  resourcesOn: { simd: { cores: ALL_CORES, memoryMiB: 4096 } },
  facts: (params, inputs) => ({ encoder: encoderFacts(params, 1, inputs.clips) }),
  check: pretrainProblems,
  memory: memoryNeed,
};

/**
 * The rules of a run: checked while planning with what is known then, and again by the stage, which
 * knows everything.
 *
 * @param inputs Facts about `clips` (clips, frames, bodies, classes), `split` (pretrain: clips to
 * train on) and `policy` (frames).
 */
export function pretrainProblems(params: PretrainParams, inputs: PortFacts): readonly Problem[] {
  const { clips, split, policy } = inputs;
  const trained = split?.pretrain ?? clips?.clips;
  const facts: Facts = {
    ...(typeof clips?.frames === "number" ? { frames: clips.frames } : {}),
    ...(typeof trained === "number" ? { clips: trained } : {}),
  };
  const problems = modelProblems(params, params.batch, facts);
  if (params.warmup_epochs >= params.epochs) {
    problems.push({
      path: ["warmup_epochs"],
      message: `expected fewer than the ${params.epochs} epochs, found ${params.warmup_epochs}: ` +
        "the learning rate would never reach its base",
    });
  }
  if (params.milestones.some((epoch, i) => i > 0 && epoch <= params.milestones[i - 1]!)) {
    problems.push({
      path: ["milestones"],
      message: `expected ascending epochs, found [${params.milestones.join(", ")}]`,
    });
  }
  if (
    typeof policy?.frames === "number" && typeof clips?.frames === "number" &&
    policy.frames !== clips.frames
  ) {
    problems.push({
      path: [],
      message: `expected a policy for clips of ${clips.frames} frames, found one for ` +
        `${policy.frames}: give augment the same clips`,
    });
  }
  return problems;
}
