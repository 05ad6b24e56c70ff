/**
 * The `encode` stage: features of a frozen encoder, computed once for every probe (method section 8:
 * without augmentation, a frozen encoder in eval mode gives the same features in every epoch).
 *
 * @module
 */
import { z } from "zod";
import type { Facts, PortFacts, Problem, StageDefinition } from "../../pipeline/stage.ts";
import { TILES_INPUT } from "../autotune/tiles_input.ts";
import { ALL_CORES, KERNELS_INPUT } from "../kernels/kernels_input.ts";
import { encodingNeed } from "../model/evaluation_memory.ts";

/** Parameters of `encode`. */
export const encodeParams = z.strictObject({
  features: z.enum(["pooled", "predictor"]).default("pooled").describe(
    "What a clip's row is: the backbone's features, pooled, which classifiers read; or what the " +
      "losses of pre-training compare, norm(P(proj(pooled))).",
  ),
  compat: z.boolean().default(false).describe(
    "Predictor features as the released kNN takes them: of clips that are cropped and sheared at " +
      "random, the predictor in training mode on batches of 128.",
  ),
  compat_order: z.enum(["shuffled", "file"]).default("shuffled").describe(
    "How compat puts clips into batches: shuffled, by the policy's seed; or in the order of their " +
      "names, which takes classes out of a set whose names begin with them.",
  ),
  batch: z.int().min(1).default(64).describe(
    "Clips encoded at once; the features hardly depend on it.",
  ),
  checkpoint_every: z.int().min(1).default(200).describe("Batches between checkpoints."),
});

/** Parameters of `encode` after defaults. */
export type EncodeParams = z.output<typeof encodeParams>;

/** Features of all clips for every member of an encoder. */
export const encode: StageDefinition<typeof encodeParams> = {
  name: "encode",
  summary: "Computes the features of a frozen encoder for all clips, once",
  params: encodeParams,
  inputs: {
    clips: { type: "clips", summary: "Normalised clips" },
    encoder: { type: "encoder", summary: "Encoder, one or more members" },
    training: {
      type: "training_state",
      summary: "What the same pre-training leaves beside the encoder: it holds the predictor",
      optional: true,
    },
    policy: {
      type: "policy",
      summary: "Augmentation policy whose crops and shears compat draws",
      optional: true,
    },
    split: {
      type: "split",
      summary: "Which clips share batches with compat: those that train, then those that test",
      optional: true,
    },
    kernels: KERNELS_INPUT,
    tiles: TILES_INPUT,
  },
  outputs: { features: { type: "features", summary: "One row of features a clip and member" } },
  entry: {
    cpu: new URL("./entry_cpu.ts", import.meta.url).href,
    simd: new URL("./entry_simd.ts", import.meta.url).href,
    webgpu: new URL("./entry_webgpu.ts", import.meta.url).href,
  },
  resources: { cores: 1, memoryMiB: 2048 },
  resourcesOn: { simd: { cores: ALL_CORES, memoryMiB: 2048 } },
  facts: ({ features }, inputs) => {
    const facts: Record<string, Facts[string]> = {};
    for (const name of ["clips", "classes"]) {
      const value = inputs.clips?.[name];
      if (value !== undefined) facts[name] = value;
    }
    const dim = inputs.encoder?.[features === "pooled" ? "dim" : "feature_dim"];
    if (dim !== undefined) facts.dim = dim;
    return { features: facts };
  },
  check: encodeProblems,
  memory: ({ batch }, inputs, machine) => encodingNeed(inputs.encoder, batch, inputs, machine),
};

/**
 * The rules between parameters and inputs: checked while planning with what is known then, and again by
 * the stage, which knows everything.
 *
 * @param inputs Facts by the name of each input that is given: `encoder` (members), `policy` and
 * `clips` (frames), `split` (folds).
 */
export function encodeProblems(
  { features, compat }: Pick<EncodeParams, "features" | "compat">,
  inputs: PortFacts,
): readonly Problem[] {
  if (features === "pooled") {
    return compat
      ? [{
        path: ["compat"],
        message:
          "expected features: predictor beside it, found pooled: the released kNN compares " +
          "what the predictor gives",
      }]
      : [];
  }
  const problems: Problem[] = [];
  const needs = (input: string, path: string, why: string) => {
    if (Object.hasOwn(inputs, input)) return;
    problems.push({ path: [path], message: `expected an input ${input}, found none: ${why}` });
  };
  needs("training", "features", "the predictor is in pretrain's output training");
  const members = inputs.encoder?.members;
  if (typeof members === "number" && members !== 1) {
    problems.push({
      path: ["features"],
      message: `expected an encoder of one member, found ${members}: one training state has one ` +
        "predictor",
    });
  }
  if (!compat) return problems;
  needs("policy", "compat", "it says which crops and shears to draw");
  needs("split", "compat", "the predictor sees the clips that train and those that test apart");
  const folds = inputs.split?.folds;
  if (typeof folds === "number" && folds !== 1) {
    problems.push({
      path: ["compat"],
      message:
        `expected a split of one fold, found ${folds}: a clip's features would differ from ` +
        "fold to fold",
    });
  }
  const [drawn, shown] = [inputs.policy?.frames, inputs.clips?.frames];
  if (typeof drawn === "number" && typeof shown === "number" && drawn !== shown) {
    problems.push({
      path: ["compat"],
      message: `expected a policy for clips of ${shown} frames, found one for ${drawn}: give ` +
        "augment the same clips",
    });
  }
  return problems;
}
