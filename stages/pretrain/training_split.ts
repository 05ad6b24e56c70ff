/**
 * What pre-training takes from a `split`: the clips to train on, and the two sides of the kNN
 * monitor.
 *
 * @module
 */
import { readJson } from "../formats/json_text.ts";

/** Clip indices by what they are for. */
export interface TrainingSplit {
  /** Clips to train on. */
  readonly pretrain: readonly number[];
  /** Training side of the first fold: the monitor's bank. */
  readonly bank: readonly number[];
  /** Test side of the first fold: the monitor's queries. */
  readonly queries: readonly number[];
}

/**
 * Reads `split.json`.
 *
 * @param folder Folder of the `split` artifact.
 * @param clips Number of clips that the `clips` artifact holds.
 * @throws {Error} If a list is missing or empty, or an index is of no clip, naming file and field.
 */
export async function readTrainingSplit(folder: string, clips: number): Promise<TrainingSplit> {
  const value = await readJson<Record<string, unknown> | null>(`${folder}/split.json`);
  const fail = (field: string, expected: string, found: unknown) =>
    new Error(
      `split.json: ${field}: expected ${expected}, found ${JSON.stringify(found) ?? "nothing"}`,
    );
  if (value?.format !== "split/1") throw fail("format", '"split/1"', value?.format);
  if (value.clips !== clips) {
    throw fail(
      "clips",
      `the ${clips} clips of meta.json (split and clips belong together)`,
      value.clips,
    );
  }
  const list = (field: string, found: unknown): readonly number[] => {
    if (!Array.isArray(found) || found.length === 0) throw fail(field, "a list of clips", found);
    const wrong = found.find((i) => !Number.isInteger(i) || i < 0 || i >= clips);
    if (wrong !== undefined) throw fail(field, `indices from 0 to ${clips - 1}`, wrong);
    return found;
  };
  const fold = (value.folds as { train?: unknown; test?: unknown }[] | undefined)?.[0];
  return {
    pretrain: list("pretrain", value.pretrain),
    bank: list("folds[0].train", fold?.train),
    queries: list("folds[0].test", fold?.test),
  };
}
