/**
 * Features as the released kNN takes them (method section 8, kNN monitor): of clips that are cropped and
 * sheared at random, bank and queries in batches of their own.
 *
 * @module
 */
import type { Tensor2D, Tensor5D } from "@tensorflow/tfjs-core";
import type { StageContext } from "../../pipeline/stage.ts";
import { type Policy, readPolicy } from "../augment/policy.ts";
import type { ClipsMeta, ClipStore } from "../clips/clip_store.ts";
import { readJson } from "../formats/json_text.ts";
import { UnusableInput } from "../formats/unusable_input.ts";
import type { RowMatrix } from "../metrics/row_matrix.ts";
import { readTrainingSplit } from "../pretrain/training_split.ts";
import { drawnViews } from "../tensor/drawn_views.ts";
import { type EncodeParams, encodeProblems } from "./definition.ts";
import { clipTensor } from "./encode_clips.ts";
import { compatBatches } from "./predictor.ts";

/** Training has epochs from 1, so its draws are others. */
const EPOCH = 0;

/** Where draws and batches come from. */
export interface CompatSource {
  readonly policy: Policy;
  /** Clips that the predictor sees together. */
  readonly batches: readonly (readonly number[])[];
}

/**
 * Reads the inputs `policy` and `split`.
 *
 * @throws {UnusableInput} If they do not fit the clips, or the split has several folds.
 */
export async function compatSource(
  ctx: Pick<StageContext<EncodeParams>, "params" | "input">,
  { clips, frames }: Pick<ClipsMeta, "clips" | "frames">,
): Promise<CompatSource> {
  const policy = await readPolicy(ctx.input("policy"));
  const { bank, queries } = await readTrainingSplit(ctx.input("split"), clips);
  const { folds } = await readJson<{ folds: readonly unknown[] }>(
    `${ctx.input("split")}/split.json`,
  );
  const [problem] = encodeProblems(ctx.params, {
    training: undefined,
    clips: { frames },
    policy: { frames: policy.frames },
    split: { folds: folds.length },
  });
  if (problem !== undefined) {
    throw new UnusableInput(`${["params", ...problem.path].join(".")}: ${problem.message}`);
  }
  const seed = ctx.params.compat_order === "shuffled" ? policy.seed : undefined;
  return {
    policy: cropsAndShears(policy),
    batches: compatBatches({ train: bank, test: queries }, clips, seed),
  };
}

/** A policy without what else it may do: the released kNN crops and shears, and nothing more. */
function cropsAndShears(policy: Policy): Policy {
  return { ...policy, rotate: { degrees: [0, 0, 0] }, resize: { shortest: 1 } };
}

/**
 * Encodes clips, each cropped and sheared by the policy's draw of the query view in epoch 0.
 *
 * @param encode One row (N, D) for each clip (N, 3, T, V, M).
 */
export async function encodeAugmented(
  encode: (clips: Tensor5D) => Tensor2D,
  store: ClipStore,
  indices: readonly number[],
  policy: Policy,
): Promise<RowMatrix> {
  const clips = await clipTensor(store, indices);
  const draws = { policy, view: "query", epoch: EPOCH, indices } as const;
  const views = drawnViews(clips, draws);
  clips.dispose();
  const rows = encode(views);
  views.dispose();
  const columns = rows.shape[1];
  const values = Float32Array.from(await rows.data<"float32">());
  rows.dispose();
  return { rows: indices.length, columns, values };
}
