/**
 * What a half-done run leaves on disk: everything that the next step depends on, and the log so far.
 * Data order and augmentation are functions of seed, epoch and clip, hence not in it.
 *
 * @module
 */
import { readJson, writeJson } from "../formats/json_text.ts";
import { decodeSafetensors, encodeSafetensors, type SafeTensor } from "../formats/safetensors.ts";
import type { LogState } from "./training_log.ts";

/** A run between two steps. */
export interface Checkpoint {
  /** Steps done. */
  readonly step: number;
  /** The model's state: weights, running statistics, momenta, key encoder, queue and pointer. */
  readonly state: ReadonlyMap<string, SafeTensor>;
  /** Rows written and steps since the last one. */
  readonly log: LogState;
}

const STATE = "state.safetensors";
const PROGRESS = "progress.json";

/** Fills the folder of a checkpoint. */
export async function writeCheckpoint(folder: string, checkpoint: Checkpoint): Promise<void> {
  const { step, state, log } = checkpoint;
  await Deno.writeFile(`${folder}/${STATE}`, encodeSafetensors(state));
  await writeJson(`${folder}/${PROGRESS}`, { format: "checkpoint/1", step, log });
}

/**
 * Reads a checkpoint back, to the bit.
 *
 * @throws {Error} If a file is missing or broken: the runner only hands out complete checkpoints.
 */
export async function readCheckpoint(folder: string): Promise<Checkpoint> {
  const { step, log } = await readJson<{ step: number; log: LogState }>(`${folder}/${PROGRESS}`);
  const { tensors } = decodeSafetensors(await Deno.readFile(`${folder}/${STATE}`), STATE);
  return { step, state: tensors, log };
}
