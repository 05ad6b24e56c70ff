/**
 * Learning rate by step (method section 7: constant with steps of one tenth; cosine and warm-up as
 * options).
 *
 * @module
 */
import { momentOf, type Timeline } from "./timeline.ts";

/** Parameters of the schedule. */
export interface LearningRateParams {
  /** Base rate. */
  readonly lr: number;
  /** Tenths at milestones, or half a cosine to zero. */
  readonly schedule: "step" | "cosine";
  /** Epochs after which the rate is divided by ten (`step` only). */
  readonly milestones: readonly number[];
  /** Epochs over which the rate rises linearly to the base; 0 for none. */
  readonly warmup_epochs: number;
}

/**
 * The learning rate of a step.
 *
 * - warm-up of W steps: `lr * (t + 1) / W` for the 0-based step `t < W`
 * - `step`: `lr * 0.1^n` with n the number of milestones that the 1-based epoch has passed
 *   (`epoch > milestone`)
 * - `cosine`: `lr * (1 + cos(pi (t - W) / (S - W))) / 2`, S being all steps of all epochs
 */
export function learningRate(params: LearningRateParams, step: number, time: Timeline): number {
  const warmup = params.warmup_epochs * time.stepsPerEpoch;
  if (step < warmup) return params.lr * (step + 1) / warmup;
  if (params.schedule === "cosine") {
    const progress = (step - warmup) / (time.stepsPerEpoch * time.epochs - warmup);
    return params.lr * (1 + Math.cos(Math.PI * progress)) / 2;
  }
  const { epoch } = momentOf(step, time.stepsPerEpoch);
  const passed = params.milestones.filter((milestone) => epoch > milestone).length;
  // Divided, not multiplied by 0.1: 0.1 / 10 is the nearest double to 0.01, 0.1 * 0.1 is not.
  return params.lr / 10 ** passed;
}
