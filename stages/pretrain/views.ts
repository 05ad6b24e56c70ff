/**
 * The two views of a batch that pre-training contrasts (method section 3.1).
 *
 * @module
 */
import type { Tensor5D } from "@tensorflow/tfjs-core";
import type { View } from "../augment/draws.ts";
import type { Policy } from "../augment/policy.ts";
import { drawnViews } from "../tensor/drawn_views.ts";

/** Augmented clips, (N, 3, T, V, M) each; the caller disposes of them. */
export interface Views {
  /** What the query encoder sees. */
  readonly query: Tensor5D;
  /** What the key encoder sees. */
  readonly key: Tensor5D;
}

/** Clips before they are augmented. */
export interface Batch {
  /** (N, 3, T, V, M). */
  readonly clips: Tensor5D;
  /** Index of each clip in the `clips` artifact. */
  readonly indices: Uint32Array;
}

/**
 * Augments a batch twice, by draws that follow from the policy's seed, the epoch and the clip.
 *
 * @param query Clips for the query view, left as they are.
 * @param key Clips for the key view: the same, or those that stand in for them.
 * @param epoch 1-based.
 */
export function augmentedViews(query: Batch, key: Batch, policy: Policy, epoch: number): Views {
  const view = (name: View, { clips, indices }: Batch) =>
    drawnViews(clips, { policy, view: name, epoch, indices });
  return { query: view("query", query), key: view("key", key) };
}
