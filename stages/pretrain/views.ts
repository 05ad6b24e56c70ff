/**
 * The two views of a batch that pre-training contrasts (method section 3.1).
 *
 * @module
 */
import type { Tensor5D } from "@tensorflow/tfjs-core";
import { drawView, type View } from "../augment/draws.ts";
import type { Policy } from "../augment/policy.ts";
import { augmentViews } from "../tensor/augment_ops.ts";

/** Augmented clips, (N, 3, T, V, M) each; the caller disposes of them. */
export interface Views {
  /** What the query encoder sees. */
  readonly query: Tensor5D;
  /** What the key encoder sees. */
  readonly key: Tensor5D;
}

/**
 * Augments a batch twice, by draws that follow from the policy's seed, the epoch and the clip.
 *
 * @param clips (N, 3, T, V, M), left as they are.
 * @param epoch 1-based.
 * @param indices Index of each clip in the `clips` artifact.
 */
export function augmentedViews(
  clips: Tensor5D,
  policy: Policy,
  epoch: number,
  indices: Uint32Array,
): Views {
  const view = (name: View) =>
    augmentViews(
      clips,
      Array.from(indices, (clip) => drawView(policy, name, epoch, clip)),
      policy.crop.pad,
    );
  return { query: view("query"), key: view("key") };
}
