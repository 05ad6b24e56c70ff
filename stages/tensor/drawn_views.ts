/**
 * Views of clips by draws that follow from the policy's seed, the epoch and the clip (method section 3.1).
 *
 * @module
 */
import type { Tensor5D } from "@tensorflow/tfjs-core";
import { drawView, type View } from "../augment/draws.ts";
import type { Policy } from "../augment/policy.ts";
import { augmentViews } from "./augment_ops.ts";
import { fused } from "./fused.ts";

/** What the draws of a batch follow from. */
export interface BatchDraws {
  readonly policy: Policy;
  readonly view: View;
  /** 1-based in training. */
  readonly epoch: number;
  /** Index of each clip in the `clips` artifact. */
  readonly indices: ArrayLike<number>;
}

/**
 * One view of each clip, see {@link augmentViews}.
 *
 * @param clips (N, 3, T, V, M), left as they are.
 */
export function drawnViews(clips: Tensor5D, draws: BatchDraws): Tensor5D {
  const own = fused().drawnViews;
  if (own !== undefined) return own(clips, draws);
  const { policy, view, epoch, indices } = draws;
  return augmentViews(
    clips,
    Array.from(indices, (clip) => drawView(policy, view, epoch, clip)),
    policy.crop.pad,
  );
}
