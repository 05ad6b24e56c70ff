/**
 * What the `finetune` stage does when it runs, on whatever backend was started.
 *
 * @module
 */
import type { StageContext } from "../../pipeline/stage.ts";
import type { FinetuneParams } from "./definition.ts";
import { fineTune, sourceOf } from "./fine_tuning.ts";

/** Fine-tunes each member of the encoder, going on from the last checkpoint. */
export function finetune(ctx: StageContext<FinetuneParams>): Promise<void> {
  return fineTune(ctx, {
    probe: "finetune",
    title: (encoder) => `${sourceOf(encoder)}, fine-tuned`,
    source: sourceOf,
  });
}
