/**
 * The `encode` stage: features of a frozen encoder, computed once for every probe (method section 8:
 * without augmentation, a frozen encoder in eval mode gives the same features in every epoch).
 *
 * @module
 */
import { z } from "zod";
import type { Facts, StageDefinition } from "../../pipeline/stage.ts";
import { ALL_CORES, KERNELS_INPUT } from "../kernels/kernels_input.ts";

/** Parameters of `encode`. */
export const encodeParams = z.strictObject({
  batch: z.int().min(1).default(64).describe(
    "Clips encoded at once; the features hardly depend on it.",
  ),
  checkpoint_every: z.int().min(1).default(200).describe("Batches between checkpoints."),
});

/** Parameters of `encode` after defaults. */
export type EncodeParams = z.output<typeof encodeParams>;

/** Pooled backbone features of all clips, in eval mode, for every member of an encoder. */
export const encode: StageDefinition<typeof encodeParams> = {
  name: "encode",
  summary: "Computes the features of a frozen encoder for all clips, once",
  params: encodeParams,
  inputs: {
    clips: { type: "clips", summary: "Normalised clips" },
    encoder: { type: "encoder", summary: "Encoder, one or more members" },
    kernels: KERNELS_INPUT,
  },
  outputs: { features: { type: "features", summary: "One row of features a clip and member" } },
  entry: {
    cpu: new URL("./entry_cpu.ts", import.meta.url).href,
    simd: new URL("./entry_simd.ts", import.meta.url).href,
    webgpu: new URL("./entry_webgpu.ts", import.meta.url).href,
  },
  resources: { cores: 1, memoryMiB: 2048 },
  resourcesOn: { simd: { cores: ALL_CORES, memoryMiB: 2048 } },
  facts: (_params, inputs) => {
    const facts: Record<string, Facts[string]> = {};
    for (const name of ["clips", "classes"]) {
      const value = inputs.clips?.[name];
      if (value !== undefined) facts[name] = value;
    }
    if (inputs.encoder?.dim !== undefined) facts.dim = inputs.encoder.dim;
    return { features: facts };
  },
};
