/**
 * The query side's predictor on frozen embeddings: norm(P(z)), what the losses of pre-training compare
 * (method sections 6 and 8).
 *
 * @module
 */
import { tensor2d, tidy } from "@tensorflow/tfjs-core";
import type { StageContext } from "../../pipeline/stage.ts";
import { decodeSafetensors } from "../formats/safetensors.ts";
import { UnusableInput } from "../formats/unusable_input.ts";
import { normalizeRows, type RowMatrix, selectRows } from "../metrics/row_matrix.ts";
import { mlp } from "../model/neck.ts";
import { Pass } from "../model/pass.ts";
import type { SkeAttnCLR } from "../model/skeattnclr.ts";
import { randomStream } from "../random.ts";
import { type EncodeParams, encodeProblems } from "./definition.ts";
import type { EncoderHeader, Weights } from "./encoder_artifact.ts";

/** Clips that the predictor sees at once; in training mode it normalises over them (section 8). */
export const PREDICTOR_BATCH = 128;

const FILE = "training.safetensors";

/**
 * The rules of the plan about what is given, now that the encoder is there.
 *
 * @throws {UnusableInput} If an input is missing that the parameters need, or the encoder has several
 * members.
 */
export function requireInputs(
  ctx: Pick<StageContext<EncodeParams>, "params" | "inputNames">,
  { members }: Pick<EncoderHeader, "members">,
): void {
  const given = Object.fromEntries(ctx.inputNames.map((name) => [name, undefined]));
  const [problem] = encodeProblems(ctx.params, { ...given, encoder: { members: members.length } });
  if (problem === undefined) return;
  throw new UnusableInput(`${["params", ...problem.path].join(".")}: ${problem.message}`);
}

/**
 * Reads the predictors' weights and running statistics.
 *
 * @param folder Folder of the `training_state` artifact.
 * @param encoder Header of the encoder that it must belong to.
 * @throws {UnusableInput} If the two are not of one training.
 */
export async function readPredictor(
  folder: string,
  { trained }: Pick<EncoderHeader, "trained">,
): Promise<Weights> {
  const { tensors, metadata } = decodeSafetensors(await Deno.readFile(`${folder}/${FILE}`), FILE);
  if (metadata.steps !== undefined && metadata.steps !== String(trained.steps)) {
    throw new UnusableInput(
      `${FILE} is of ${metadata.steps} steps and the encoder of ${trained.steps}: both must come ` +
        `from the same pretrain stage`,
    );
  }
  return tensors;
}

/** How the predictor normalises. */
export type PredictorMode = "eval" | "train";

/**
 * norm(P(z)) of embeddings.
 *
 * @param model Holds P.
 * @param embeddings z, the projector's outputs (N, F).
 * @param batches Rows that P sees together, each in one batch at least; in mode `eval` it does not
 * matter which.
 * @returns (N, F), rows of length 1.
 */
export async function predicted(
  model: SkeAttnCLR,
  embeddings: RowMatrix,
  batches: readonly (readonly number[])[],
  mode: PredictorMode,
): Promise<RowMatrix> {
  const { rows, columns } = embeddings;
  const values = new Float32Array(rows * columns);
  for (const batch of batches) {
    const z = tensor2d(selectRows(embeddings, batch).values, [batch.length, columns]);
    const pass = mode === "train" ? Pass.train() : Pass.eval();
    const p = tidy(() => mlp(pass, model.P, "predictor", z));
    // P's running statistics are not what comes out, and nothing runs after this that would read them.
    for (const { mean, variance } of pass.takeStatistics()) {
      mean.dispose();
      variance.dispose();
    }
    const found = normalizeRows({
      rows: batch.length,
      columns,
      values: Float32Array.from(await p.data<"float32">()),
    });
    z.dispose();
    p.dispose();
    batch.forEach((row, i) =>
      values.set(found.values.subarray(i * columns, (i + 1) * columns), row * columns)
    );
  }
  return { rows, columns, values };
}

/**
 * Rows in batches of at most 128, in order. A single one left over joins the batch before it: the
 * statistics of one row say nothing.
 *
 * @param rows At least one.
 */
export function predictorBatches(rows: readonly number[]): readonly (readonly number[])[] {
  const batches: number[][] = [];
  for (let from = 0; from < rows.length; from += PREDICTOR_BATCH) {
    batches.push(rows.slice(from, from + PREDICTOR_BATCH));
  }
  if (batches.length > 1 && batches.at(-1)!.length === 1) batches.at(-2)!.push(...batches.pop()!);
  return batches;
}

/**
 * The batches of the released kNN: the training clips of a fold, its test clips, and then, so that each
 * clip has a row, those on neither side.
 *
 * @param fold Its clips on both sides.
 * @param clips How many clips there are.
 * @param seed Each part is shuffled by it, where it is given: clips that lie in order of class would be
 * normalised class by class, and lose it.
 * @throws {UnusableInput} If a side has fewer than two clips, over which nothing can be normalised.
 */
export function compatBatches(
  fold: { readonly train: readonly number[]; readonly test: readonly number[] },
  clips: number,
  seed?: number,
): readonly (readonly number[])[] {
  for (const side of ["train", "test"] as const) {
    if (fold[side].length < 2) {
      throw new UnusableInput(
        `split.json: expected at least 2 ${side} clips, found ${
          fold[side].length
        }: the predictor ` +
          `normalises over the clips of a batch`,
      );
    }
  }
  const sides = new Set([...fold.train, ...fold.test]);
  const others = Array.from({ length: clips }, (_, i) => i).filter((clip) => !sides.has(clip));
  return [fold.train, fold.test, others].flatMap((part, i) =>
    predictorBatches(
      seed === undefined ? part : Array.from(
        randomStream(seed, "compat batches", 0, i).permutation(part.length),
        (at) => part[at]!,
      ),
    )
  );
}
