/**
 * What a model is made of: parameters that experiment files may set, and the rules between them that
 * a plan checks. Imports no tensor library.
 *
 * @module
 */
import { z } from "zod";
import type { Facts, Problem } from "../../pipeline/stage.ts";

/**
 * The model's parameters, as a shape to spread into a stage's own: `z.strictObject({ ...modelParams,
 * epochs: ... })`. Defaults are the released setting (method sections 0 and 9).
 */
export const modelParams = {
  width: z.int().min(1).default(64).describe(
    "Channels of the backbone's first block; the later ones have 2 and 4 times as many.",
  ),
  hidden_dim: z.int().min(1).default(256).describe(
    "Channels that the backbone ends with, and hidden size of projector and predictors.",
  ),
  feature_dim: z.int().min(1).default(128).describe("Size of the embeddings that losses compare."),
  heads: z.int().min(1).default(8).describe("Heads of the attention mask; they divide hidden_dim."),
  Lambda: z.number().min(0).default(2).describe(
    "Sharpness of the mask: sigmoid(Lambda * attention).",
  ),
  tau: z.number().gt(0).default(0.2).describe("Temperature of the losses."),
  mu: z.number().min(0).max(1).default(0.5).describe(
    "Weight of the salient loss; the non-salient one weighs 1 - mu.",
  ),
  queue: z.int().min(1).default(32768).describe(
    "Keys kept as negatives, K; a multiple of the batch.",
  ),
  dropout: z.number().min(0).lt(1).default(0.5).describe(
    "Probability of dropping an activation in blocks 2 to 10.",
  ),
  momentum: z.number().min(0).max(1).default(0.996).describe(
    "Momentum of the key encoder's moving average at the start of its schedule.",
  ),
  stream: z.enum(["joint", "motion", "bone"]).default("joint").describe(
    "What the encoder is fed: coordinates, their differences in time, or along bones.",
  ),
  init: z.enum(["normal02", "pytorch"]).default("normal02").describe(
    "First weights: normal with standard deviation 0.02 as released, or PyTorch's layer defaults.",
  ),
  keyInit: z.enum(["copy", "independent"]).default("copy").describe(
    "The key encoder starts as a copy of the query encoder, or with weights of its own (released).",
  ),
} as const;

const modelSchema = z.object(modelParams);

/** The model's parameters after defaults. */
export type ModelConfig = z.output<typeof modelSchema>;

/** What the model has to know of the data. */
export interface DataShape {
  /** Bodies in a clip, M: with 1 there is no second slot anywhere. */
  readonly bodies: number;
  /** Frames of a clip, T, a multiple of 4. */
  readonly frames: number;
  /** Classes: outputs of the backbone's classifier, which pre-training never trains. */
  readonly classes: number;
}

/** Frames that one token of the attention stands for: the backbone halves time twice. */
export const TIME_STRIDE = 4;

/**
 * The model's part of a stage's parameters (or of an `encoder` artifact's header).
 *
 * @throws {z.ZodError} If a value is missing or out of range.
 */
export function modelConfig(params: Readonly<Record<string, unknown>>): ModelConfig {
  return modelSchema.parse(params);
}

/**
 * The rules between parameters, for a definition's `check`.
 *
 * @param config The model's parameters.
 * @param batch Clips in a batch, N, where the stage trains; the rules about it are skipped without.
 * @param clips Facts about the clips, as far as they are known.
 */
export function modelProblems(
  config: Pick<ModelConfig, "heads" | "hidden_dim" | "queue">,
  batch?: number,
  clips?: Facts,
): Problem[] {
  const problems: Problem[] = [];
  const check = (holds: boolean, field: string, message: string) => {
    if (!holds) problems.push({ path: [field], message });
  };
  check(
    config.hidden_dim % config.heads === 0,
    "heads",
    `expected a divisor of hidden_dim ${config.hidden_dim}, found ${config.heads}: each head takes an ` +
      "equal share of the channels",
  );
  if (batch !== undefined) {
    check(
      batch >= 3,
      "batch",
      `expected at least 3, found ${batch}: the part swap gives each clip another one as partner`,
    );
    check(
      config.queue % batch === 0,
      "queue",
      `expected a multiple of batch ${batch}, found ${config.queue}: whole batches of keys enter the queue`,
    );
    if (typeof clips?.clips === "number") {
      check(
        clips.clips >= batch,
        "batch",
        `expected at most the ${clips.clips} clips there are, found ${batch}: only whole batches are used`,
      );
    }
  }
  if (typeof clips?.frames === "number" && clips.frames % TIME_STRIDE !== 0) {
    problems.push({
      path: [],
      message:
        `expected clips of a multiple of ${TIME_STRIDE} frames, found ${clips.frames}: the backbone ` +
        "halves time twice",
    });
  }
  return problems;
}

/**
 * Facts about an encoder, for stages that use it.
 *
 * @param members How many initialisations or runs it holds.
 * @param clips Facts about the clips it is made for, where known.
 */
export function encoderFacts(
  config: Pick<ModelConfig, "hidden_dim" | "feature_dim" | "width" | "stream">,
  members: number,
  clips: Facts | undefined,
): Facts {
  const bodies = clips?.bodies;
  const { hidden_dim: dim, feature_dim, width, stream } = config;
  const known = { dim, feature_dim, width, members, stream };
  return typeof bodies === "number" ? { ...known, bodies } : known;
}
