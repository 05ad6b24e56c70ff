/**
 * Selection on Northwestern-UCLA without a look at its test view: view 1 against view 2.
 *
 * @module
 */
import type { Division, Fold, Origins } from "./divide.ts";

/** Protocols that leave view 3 alone. */
export const VIEW_SWAPS = ["view_swap", "view_swap_new"] as const;

/** One of {@link VIEW_SWAPS}. */
export type ViewSwap = typeof VIEW_SWAPS[number];

/**
 * Subjects whose clips nothing trains on: the probe's answer about them is about actions, since no
 * other camera filmed the same performance for training.
 */
export const HELD_OUT_SUBJECTS: readonly number[] = [2, 7];

/**
 * Views 1 and 2 of eight subjects train the encoder. A probe trains on one of the views and is asked
 * about the other, and the reverse: about the same subjects (`view_swap`, as `xview` is), or about the
 * two that were held out (`view_swap_new`, as `xview_loso` is). View 3 is in neither.
 */
export function divideByViewSwap(
  protocol: ViewSwap,
  { subjects, cameras }: Pick<Origins, "subjects" | "cameras">,
): Division {
  const clips = Array.from(subjects, (_, clip) => clip);
  const heldOut = (clip: number) => HELD_OUT_SUBJECTS.includes(subjects[clip]!);
  const of = (view: number, fromHeldOut: boolean) =>
    clips.filter((clip) => cameras[clip] === view && heldOut(clip) === fromHeldOut);
  const fold = (train: number, test: number): Fold => ({
    name: `view ${train} to ${test}`,
    train: of(train, false),
    test: of(test, protocol === "view_swap_new"),
  });
  return {
    pretrain: clips.filter((clip) => [1, 2].includes(cameras[clip]!) && !heldOut(clip)),
    folds: [fold(1, 2), fold(2, 1)],
  };
}
