/**
 * How an action is cut out of a long video: the two conventions of the field (method section 1.4).
 *
 * @module
 */
import type { FrameSpan } from "../../formats/pku_skeleton.ts";

/** Names of the conventions. */
export const CUTS = ["aimclr", "cmd"] as const;

/** One of {@link CUTS}. */
export type Cut = typeof CUTS[number];

/** A clip has no more frames. */
export const MOST_FRAMES = 300;

/**
 * The frames of a labelled action, at most {@link MOST_FRAMES}.
 *
 * `aimclr` takes `start` to `end` and, of more than 300, the 300 in the middle (one more is left out
 * behind them than before where the rest is odd). `cmd` reads the same numbers as rows from 0 with the
 * end left out, which drops the first frame, and takes the first 300.
 *
 * @param start First frame, from 1.
 * @param end Last frame, from 1.
 * @returns `undefined` where no frame is left, which happens to actions of one frame under `cmd`.
 */
export function cutSpan(cut: Cut, start: number, end: number): FrameSpan | undefined {
  const first = cut === "aimclr" ? start - 1 : start;
  const total = end - first;
  if (total < 1) return undefined;
  const over = Math.max(0, total - MOST_FRAMES);
  return {
    first: cut === "aimclr" ? first + Math.floor(over / 2) : first,
    frames: total - over,
  };
}
