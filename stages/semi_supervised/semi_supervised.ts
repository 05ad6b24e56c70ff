/**
 * What the `semi_supervised` stage does when it runs, on whatever backend was started.
 *
 * @module
 */
import type { StageContext } from "../../pipeline/stage.ts";
import type { FinetuneParams } from "../finetune/definition.ts";
import { fineTune, sourceOf } from "../finetune/fine_tuning.ts";

/** Fine-tunes each member of the encoder with few labels, going on from the last checkpoint. */
export function semiSupervised(ctx: StageContext<FinetuneParams>): Promise<void> {
  return fineTune(ctx, {
    probe: "semi_supervised",
    title: (encoder, { split: { folds } }) => {
      const counts = [...new Set(folds.map(({ train }) => train.length))].sort((a, b) => a - b);
      const words = counts.length === 1 ? `${counts[0]}` : `${counts[0]} to ${counts.at(-1)}`;
      return `${sourceOf(encoder)}, ${words} labels`;
    },
    source: sourceOf,
  });
}
