/**
 * The monitor that asks, while an encoder is trained, how well its embeddings tell classes apart
 * (method section 8): clean clips, eval mode, nothing of the training touched.
 *
 * @module
 */
import { type Tensor2D, tidy } from "@tensorflow/tfjs-core";
import type { ClipStore } from "../clips/clip_store.ts";
import { encodeClips } from "../encode/encode_clips.ts";
import { knn, type KnnScore } from "../metrics/knn.ts";
import { mlp } from "../model/neck.ts";
import { Pass } from "../model/pass.ts";
import type { Clips } from "../model/present_bodies.ts";
import type { SkeAttnCLR } from "../model/skeattnclr.ts";
import type { TrainingSplit } from "./training_split.ts";

/** What the monitor is asked for. */
export interface KnnParams {
  /** Numbers of neighbours. */
  readonly k: readonly number[];
  /** Most clips on either side. */
  readonly clips: number;
}

/**
 * Accuracies of the kNN classifier, bank and queries being the two sides of the split's first fold.
 * A query whose embedding is not finite counts as wrong.
 *
 * @param model A model in training; it is left as it is.
 * @param after Called after every batch, as {@link encodeClips} does.
 */
export async function monitor(
  model: SkeAttnCLR,
  store: ClipStore,
  split: TrainingSplit,
  params: KnnParams,
  batch: number,
  after: () => Promise<void>,
): Promise<readonly KnnScore[]> {
  const embed = (clips: Clips) => predicted(model, clips);
  const side = async (clips: readonly number[]) => {
    const chosen = spread(clips, params.clips);
    return {
      matrix: await encodeClips(embed, store, chosen, batch, after),
      labels: chosen.map((clip) => store.labels[clip]!),
    };
  };
  return knn(await side(split.bank), await side(split.queries), params.k);
}

/** P(z) in eval mode (N, feature_dim): what the losses compare, of clean clips. */
function predicted(model: SkeAttnCLR, clips: Clips): Tensor2D {
  return tidy(() => mlp(Pass.eval(), model.P, "predictor", model.embed(clips)));
}

/** At most `most` of the values, evenly spaced, in their order. */
export function spread(values: readonly number[], most: number): readonly number[] {
  if (values.length <= most) return values;
  return Array.from({ length: most }, (_, i) => values[Math.floor(i * values.length / most)]!);
}
