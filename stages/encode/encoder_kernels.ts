/**
 * Which GPU kernels a stage uses that begins with an encoder.
 *
 * @module
 */
import type { StageContext } from "../../pipeline/stage.ts";
import type { Part, SelfTestNeeds } from "../tensor/webgpu/self_test/self_test_cases.ts";
import { readEncoder } from "./encoder_artifact.ts";

/** Those of the encoder's sizes, for some parts of the model. */
export async function encoderKernels(
  ctx: Pick<StageContext, "input">,
  parts: readonly Part[],
): Promise<SelfTestNeeds> {
  return { parts, sizes: (await readEncoder(ctx.input("encoder"))).config };
}

/** Those of a stage that trains a classifier from an encoder. */
export function fineTuningKernels(ctx: StageContext): Promise<SelfTestNeeds> {
  const { trainMode } = ctx.params as { readonly trainMode: "eval" | "train" };
  return encoderKernels(ctx, [trainMode === "train" ? "train" : "frozen", "eval", "classifier"]);
}
