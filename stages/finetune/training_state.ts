/**
 * How far the trainings of a stage have come, and saving it: everything that the next step depends on, and
 * all that the finished ones left. Data order, dropout and augmentation are functions of seed, epoch and
 * clip, hence not in it.
 *
 * @module
 */
import type { Weights } from "../encode/encoder_artifact.ts";
import { readJson, writeJson } from "../formats/json_text.ts";
import { encodeNpy, readNpy } from "../formats/npy.ts";
import { decodeSafetensors, encodeSafetensors } from "../formats/safetensors.ts";
import type { Evaluation } from "./evaluations.ts";
import type { LogRow } from "./log_row.ts";

/** A stage's trainings between two steps. Runs are all folds of the first member, then of the next. */
export interface TrainingState {
  /** The run that is on. */
  run: number;
  /** Steps of it that are done. */
  step: number;
  /** Losses of the steps of its epoch, as far as they are read back. */
  losses: number[];
  /** Epochs finished, of all runs. */
  readonly rows: LogRow[];
  /** Kept evaluations by run. */
  readonly evaluations: (readonly Evaluation[])[];
  /** Weights of finished runs. */
  readonly weights: Weights[];
  /** How far the evaluation has come that is on. */
  asked: Asked;
}

/** Logits of the first clips of each list that an evaluation asks about, (clips so far, classes). */
export interface Asked {
  train: Float32Array<ArrayBuffer>;
  test: Float32Array<ArrayBuffer>;
}

/** An evaluation that has not begun. */
export function nothingAsked(): Asked {
  return { train: new Float32Array(0), test: new Float32Array(0) };
}

/** Nothing done. */
export function newState(): TrainingState {
  return {
    run: 0,
    step: 0,
    losses: [],
    rows: [],
    evaluations: [],
    weights: [],
    asked: nothingAsked(),
  };
}

interface Progress {
  readonly run: number;
  readonly step: number;
  readonly losses: number[];
  readonly rows: LogRow[];
  readonly evaluations: readonly (readonly { readonly epoch: number; readonly top1: number }[])[];
  readonly finished: number;
}

/**
 * Fills the folder of a checkpoint.
 *
 * @param classifier State of the one in training.
 */
export async function writeState(
  folder: string,
  { run, step, losses, rows, evaluations, weights, asked }: TrainingState,
  classifier: Weights,
): Promise<void> {
  await Deno.writeFile(`${folder}/state.safetensors`, encodeSafetensors(classifier));
  for (const [r, own] of weights.entries()) {
    await Deno.writeFile(`${folder}/weights-${r}.safetensors`, encodeSafetensors(own));
  }
  for (const [r, kept] of evaluations.entries()) {
    for (const [e, { logits }] of kept.entries()) {
      await Deno.writeFile(`${folder}/logits-${r}-${e}.npy`, encodeNpy(logits, [logits.length]));
    }
  }
  for (const list of ["train", "test"] as const) {
    const logits = asked[list];
    await Deno.writeFile(`${folder}/asked-${list}.npy`, encodeNpy(logits, [logits.length]));
  }
  const progress: Progress & { readonly format: string } = {
    format: "classifier_checkpoint/2",
    run,
    step,
    losses,
    rows,
    evaluations: evaluations.map((kept) => kept.map(({ epoch, top1 }) => ({ epoch, top1 }))),
    finished: weights.length,
  };
  await writeJson(`${folder}/progress.json`, progress);
}

/** Reads a checkpoint back, to the bit. */
export async function readState(
  folder: string,
): Promise<{ readonly state: TrainingState; readonly classifier: Weights }> {
  const tensors = async (name: string) =>
    decodeSafetensors(await Deno.readFile(`${folder}/${name}`), name).tensors;
  const { run, step, losses, rows, evaluations, finished } = await readJson<Progress>(
    `${folder}/progress.json`,
  );
  const part = async (list: keyof Asked) =>
    (await readNpy(`${folder}/asked-${list}.npy`, "f4", 1)).data;
  const asked = { train: await part("train"), test: await part("test") };
  const state: TrainingState = { run, step, losses, rows, evaluations: [], weights: [], asked };
  for (let r = 0; r < finished; r++) state.weights.push(await tensors(`weights-${r}.safetensors`));
  for (const [r, kept] of evaluations.entries()) {
    state.evaluations.push(
      await Promise.all(kept.map(async (one, e) => ({
        ...one,
        logits: (await readNpy(`${folder}/logits-${r}-${e}.npy`, "f4", 1)).data,
      }))),
    );
  }
  return { state, classifier: await tensors("state.safetensors") };
}
