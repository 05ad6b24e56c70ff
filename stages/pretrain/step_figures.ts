/**
 * The figures of a step, kept on the device until they are worth a readback: each readback waits for
 * the device, so they are read together, once in many steps.
 *
 * @module
 */
import { stack, type Tensor1D, type Tensor2D } from "@tensorflow/tfjs-core";
import type { StepOutput } from "../model/model_types.ts";

/** Figures of a step, in the order of their tensor. */
export const FIGURES = [
  "loss_z",
  "loss_s",
  "loss_ns",
  "positive_cosine_z",
  "negative_cosine_z",
  "positive_cosine_s",
  "negative_cosine_s",
  "positive_cosine_ns",
  "negative_cosine_ns",
] as const;

/** The figures of a step as one tensor (9), in the order of {@link FIGURES}. */
export function figuresOf(out: StepOutput): Tensor1D {
  const { positive, negative } = out;
  return stack([
    out.L_z,
    out.L_s,
    out.L_ns,
    positive.z,
    negative.z,
    positive.s,
    negative.s,
    positive.ns,
    negative.ns,
  ]) as Tensor1D;
}

/** Reads the figures of some steps back at once and frees them. */
export async function readFigures(tensors: readonly Tensor1D[]): Promise<number[][]> {
  if (tensors.length === 0) return [];
  const all = stack([...tensors]) as Tensor2D;
  for (const tensor of tensors) tensor.dispose();
  const values = await all.data<"float32">();
  all.dispose();
  return tensors.map((_, i) => [...values.subarray(i * FIGURES.length, (i + 1) * FIGURES.length)]);
}
