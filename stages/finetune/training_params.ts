/**
 * Parameters of stages that train a classifier, and the rules between them that a plan checks. Imports no
 * tensor library.
 *
 * @module
 */
import { z } from "zod";
import type { PortFacts, Problem } from "../../pipeline/stage.ts";
import { modelParams, TIME_STRIDE } from "../model/config.ts";

/**
 * What every such stage has, as a shape to spread into a stage's own. Defaults are those of the released
 * fine-tuning (method section 8).
 */
export const trainingParams = {
  title: z.string().min(1).optional().describe("Name of the result; what it is of if unset."),
  seed: z.int().min(0).default(0).describe("Seed of first weights, data order and dropout."),
  epochs: z.int().min(1).default(150).describe("Passes over the training clips."),
  batch: z.int().min(1).default(128).describe(
    "Clips in a step; all of them where fewer train. What fills no batch is left out of an epoch.",
  ),
  lr: z.number().gt(0).default(0.005).describe("Base learning rate."),
  schedule: z.enum(["step", "cosine"]).default("step").describe(
    "Learning rate: a tenth after each milestone, or half a cosine to zero.",
  ),
  milestones: z.array(z.int().min(1)).default([60, 100]).describe(
    "Epochs after which the learning rate falls to a tenth (schedule: step).",
  ),
  warmup_epochs: z.int().min(0).default(0).describe("Epochs of linear rise to the base rate."),
  sgd_momentum: z.number().min(0).lt(1).default(0.9).describe("Momentum of the optimiser."),
  weight_decay: z.number().min(0).default(0).describe("Weight decay of every trained tensor."),
  clip: z.number().gt(0).nullable().default(null).describe(
    "Largest global norm of a step's gradients, which are scaled down to it; null for no limit, as " +
      "released.",
  ),
  evaluate_every: z.int().min(1).default(5).describe("Epochs between evaluations on the test set."),
} as const;

/** What stages that begin from an encoder add. */
export const fineTuningParams = {
  ...trainingParams,
  trainMode: z.enum(["eval", "train"]).default("eval").describe(
    "eval: batch statistics of the encoder are frozen, scale and offset are trained, no dropout, as " +
      "released; train: statistics of each batch, and the encoder's dropout.",
  ),
  init: modelParams.init.unwrap().default("normal02").describe(
    "First weights of the linear layer: normal with standard deviation 0.02 and bias 0 as released, or " +
      "PyTorch's defaults.",
  ),
} as const;

const trainingSchema = z.object(trainingParams);

/** The parameters that all these stages share, after defaults. */
export type TrainingParams = z.output<typeof trainingSchema>;

/**
 * The rules of a training, checked while planning with what is known then.
 *
 * @param inputs Facts about `clips` (frames, bodies), and where there are such inputs, `encoder` (bodies)
 * and `policy` (frames).
 */
export function trainingProblems(params: TrainingParams, inputs: PortFacts): Problem[] {
  const problems: Problem[] = [];
  const { clips, policy } = inputs;
  const { epochs, warmup_epochs, milestones } = params;
  if (warmup_epochs >= epochs) {
    problems.push({
      path: ["warmup_epochs"],
      message:
        `expected fewer than the ${epochs} epochs, found ${warmup_epochs}: the learning rate ` +
        "would never reach its base",
    });
  }
  if (milestones.some((epoch, i) => i > 0 && epoch <= milestones[i - 1]!)) {
    problems.push({
      path: ["milestones"],
      message: `expected ascending epochs, found [${milestones.join(", ")}]`,
    });
  }
  if (typeof clips?.frames === "number" && clips.frames % TIME_STRIDE !== 0) {
    problems.push({
      path: [],
      message:
        `expected clips of a multiple of ${TIME_STRIDE} frames, found ${clips.frames}: the ` +
        "backbone halves time twice; normalize to such a length",
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

/** The rules where the encoder was trained on clips like these: {@link trainingProblems}, and theirs. */
export function fineTuningProblems(params: TrainingParams, inputs: PortFacts): Problem[] {
  const problems = trainingProblems(params, inputs);
  const { clips, encoder } = inputs;
  if (
    typeof clips?.bodies === "number" && typeof encoder?.bodies === "number" &&
    clips.bodies !== encoder.bodies
  ) {
    problems.push({
      path: [],
      message: `expected an encoder for clips of ${clips.bodies} bodies, found one for ` +
        `${encoder.bodies}: give the clips it was trained on, or say that it is of another set with ` +
        "uses: transfer",
    });
  }
  return problems;
}
