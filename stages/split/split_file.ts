/**
 * Reading a `split` (or a subset of one) for stages that train classifiers, checked before anything is
 * computed.
 *
 * @module
 */
import { readJson } from "../formats/json_text.ts";
import { UnusableInput } from "../formats/unusable_input.ts";

/** Training and test clips of one fold. */
export interface SplitFold {
  readonly name: string;
  /** Indices of clips, ascending. */
  readonly train: readonly number[];
  readonly test: readonly number[];
}

/** The content of `split.json`. */
export interface SplitFile {
  readonly format: "split/1";
  readonly protocol: string;
  /** Number of clips that the indices are of. */
  readonly clips: number;
  /** Clips that an encoder may be trained on without labels. */
  readonly pretrain: readonly number[];
  readonly folds: readonly SplitFold[];
  /** How the labels were chosen, where it is a subset; JSON values. */
  readonly subset?: Readonly<Record<string, unknown>>;
}

/**
 * Reads `split.json`.
 *
 * @param folder Folder of the split.
 * @param names Names of all clips that it is of.
 * @throws {UnusableInput} If it is of other clips, a fold lacks training or test clips, a clip both trains
 * and tests in one fold, or is tested twice.
 */
export async function readSplit(folder: string, names: readonly string[]): Promise<SplitFile> {
  const split = await readJson<SplitFile>(`${folder}/split.json`);
  if (split.format !== "split/1") {
    throw new UnusableInput(
      `split.json: format: expected "split/1", found ${JSON.stringify(split.format)}`,
    );
  }
  if (split.clips !== names.length) {
    throw new UnusableInput(
      `the split is of ${split.clips} clips, found ${names.length}: both inputs must come from the ` +
        "same clips",
    );
  }
  if (split.folds.length === 0) throw new UnusableInput("split.json: no fold");
  const tested = new Map<number, string>();
  for (const fold of split.folds) {
    requireClips(fold, names.length);
    const training = new Set(fold.train);
    for (const clip of fold.test) {
      if (training.has(clip)) {
        throw new UnusableInput(
          `split.json: fold ${fold.name}: clip ${names[clip]} both trains and tests`,
        );
      }
      const other = tested.get(clip);
      if (other !== undefined) {
        throw new UnusableInput(
          `split.json: clip ${names[clip]} is tested in folds ${other} and ${fold.name}`,
        );
      }
      tested.set(clip, fold.name);
    }
  }
  return split;
}

function requireClips(fold: SplitFold, clips: number): void {
  for (const [side, indices] of [["train", fold.train], ["test", fold.test]] as const) {
    if (indices.length === 0) {
      throw new UnusableInput(
        `split.json: fold ${fold.name} has no ${side} clips; take a protocol that fits the data`,
      );
    }
    const outside = indices.find((i) => !Number.isInteger(i) || i < 0 || i >= clips);
    if (outside !== undefined) {
      throw new UnusableInput(
        `split.json: fold ${fold.name}, ${side}: no clip ${outside} among the ${clips}`,
      );
    }
  }
}

/** All test clips of all folds, ascending. */
export function testClips(folds: readonly SplitFold[]): readonly number[] {
  return folds.flatMap(({ test }) => test).sort((a, b) => a - b);
}
