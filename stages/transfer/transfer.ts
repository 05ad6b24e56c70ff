/**
 * What the `transfer` stage does when it runs, on whatever backend was started.
 *
 * @module
 */
import type { StageContext } from "../../pipeline/stage.ts";
import type { EncoderHeader } from "../encode/encoder_artifact.ts";
import { fineTune, sourceOf } from "../finetune/fine_tuning.ts";
import type { TransferParams } from "./definition.ts";

/** Fine-tunes each member of an encoder of another data set, going on from the last checkpoint. */
export function transfer(ctx: StageContext<TransferParams>): Promise<void> {
  const { from } = ctx.params;
  return fineTune(ctx, {
    probe: "transfer",
    title: (encoder, { store: { meta } }) =>
      `${from ?? `set of ${encoder.data.classes} classes`} to ${meta.dataset}, fine-tuned`,
    source: (encoder) => `${sourceOf(encoder)} of ${from ?? "another set"}: ${shapeOf(encoder)}`,
  });
}

/** What an encoder says of the clips that it was trained on. */
function shapeOf({ data: { classes, frames, bodies } }: EncoderHeader): string {
  return `${classes} classes, ${frames} frames, ${bodies} ${bodies === 1 ? "body" : "bodies"}`;
}
