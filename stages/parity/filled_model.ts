/**
 * A model whose weights and queue are those of a trajectory.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { SwapDraw } from "../augment/draw_types.ts";
import type { DataShape, ModelConfig } from "../model/config.ts";
import { encoderSpecs, PREDICTORS, predictorSpecs } from "../model/parameters.ts";
import { SkeAttnCLR } from "../model/skeattnclr.ts";
import { JOINTS } from "../skeleton/joints.ts";
import { jointsOfParts } from "../skeleton/parts.ts";
import {
  FILL_SEEDS,
  filledQueue,
  filledWeights,
  TRAJECTORY_BODIES,
  trajectoryClips,
} from "./fill.ts";
import { TRAJECTORY_FRAMES, type TrajectoryConfig } from "./trajectory_file.ts";

/** The configuration of the model alone. */
export type ModelPart = Pick<
  TrajectoryConfig,
  | "view"
  | "feature_dim"
  | "K"
  | "hc"
  | "hd"
  | "heads"
  | "classes"
  | "Lambda"
  | "tau"
  | "m"
  | "mu"
  | "off"
>;

/** Builds the model, by the rules of filling. A backend must have been started before. */
export function filledModel(part: ModelPart): SkeAttnCLR {
  const { off } = part;
  // Not through the schema of parameters: a record may go beyond what experiments may ask for.
  const config: ModelConfig = {
    width: part.hc,
    hidden_dim: part.hd,
    feature_dim: part.feature_dim,
    heads: part.heads,
    Lambda: part.Lambda,
    tau: part.tau,
    mu: part.mu,
    queue: part.K,
    dropout: 0,
    momentum: part.m,
    stream: part.view,
    init: "normal02",
    keyInit: "independent",
  };
  const data: DataShape = {
    bodies: TRAJECTORY_BODIES,
    frames: TRAJECTORY_FRAMES,
    classes: part.classes,
  };
  const model = SkeAttnCLR.create(config, data, 0);
  const encoder = encoderSpecs(config, data);
  model.loadWeights(filledWeights(encoder, off + FILL_SEEDS.query), "query");
  model.loadWeights(filledWeights(encoder, off + FILL_SEEDS.key), "key");
  const predictors = predictorSpecs(config);
  const filled = PREDICTORS.flatMap((name) => {
    const own = predictors.filter((spec) => spec.name.startsWith(`${name}.`));
    return [...filledWeights(own, off + FILL_SEEDS[name])];
  });
  model.loadWeights(new Map(filled), "predictors");
  model.loadQueue(filledQueue(part.feature_dim, part.K, off + FILL_SEEDS.queue));
  return model;
}

/** The two views of a step on the device, (N, 3, T, V, M); the caller disposes of them. */
export function clipTensors(
  config: Pick<TrajectoryConfig, "N" | "phase">,
  step: number,
): { xq: tf.Tensor5D; xk: tf.Tensor5D } {
  const { query, key } = trajectoryClips(config, step);
  const shape = [config.N, 3, TRAJECTORY_FRAMES, JOINTS, TRAJECTORY_BODIES] as [
    number,
    number,
    number,
    number,
    number,
  ];
  return { xq: tf.tensor5d(query, shape), xk: tf.tensor5d(key, shape) };
}

/** A recorded swap as a draw. */
export function swapOf({ shift, parts, t0, Ct }: TrajectoryConfig["swap"][number]): SwapDraw {
  return { shift, parts, joints: jointsOfParts(parts), t0, ct: Ct };
}
