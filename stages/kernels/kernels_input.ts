/**
 * What the definitions of stages on the `simd` backend have in common: the input for its kernels, and
 * that they keep all cores busy.
 *
 * @module
 */
import type { InputPort } from "../../pipeline/stage.ts";
import { kernels } from "./definition.ts";

/** The compiled kernels, supplied by the runner on the `simd` backend. */
export const KERNELS_INPUT: InputPort = {
  type: "kernels",
  summary: "Compiled kernels of the simd backend; supplied where it is in use",
  optional: true,
  supplied: { by: kernels, output: "kernels", on: ["simd"] },
};

/** More cores than any machine has: such a stage runs alone. */
export const ALL_CORES = 1024;
