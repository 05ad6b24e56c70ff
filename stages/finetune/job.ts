/**
 * What a stage that trains classifiers asks the trainer to do.
 *
 * @module
 */
import type { Policy } from "../augment/policy.ts";
import type { ClipStore } from "../clips/clip_store.ts";
import type { Weights } from "../encode/encoder_artifact.ts";
import { UnusableInput } from "../formats/unusable_input.ts";
import type { Classifier, ClassifierConfig } from "../model/classifier.ts";
import type { EncoderOrigin, Varied } from "../results/result_file.ts";
import { readSplit, type SplitFile, testClips } from "../split/split_file.ts";

/** One of several trainings that differ by where they begin. */
export interface Member {
  /** A plain file name. */
  readonly name: string;
  /** Seed of first weights, data order and dropout in the first fold. */
  readonly seed: number;
  /** Reads the backbone that it begins from; first weights where there is none. */
  readonly backbone?: () => Promise<Weights>;
  /** Augments its training clips; they are taken as they are where there is none. */
  readonly policy?: Policy;
}

/** Labelled clips: which train and which test. */
export interface LabelledClips {
  readonly store: ClipStore;
  readonly split: SplitFile;
  /** All test clips of all folds, ascending. */
  readonly test: readonly number[];
}

/** Classifiers to train: each member in each fold. */
export interface Job {
  /** What results call this kind of classifier. */
  readonly probe: string;
  readonly title: string;
  /** What the classifiers began from. */
  readonly source: string;
  readonly config: ClassifierConfig;
  readonly mode: "eval" | "train";
  readonly members: readonly Member[];
  /** What differs between them. */
  readonly varied: readonly Varied[];
  readonly encoder?: EncoderOrigin;
  /** What else describes it; JSON values. */
  readonly details: Readonly<Record<string, unknown>>;
}

/** What the trainer needs of a classifier. */
export type Trainable = Pick<
  Classifier,
  "loadBackbone" | "step" | "logits" | "weights" | "state" | "restore" | "dispose"
>;

/**
 * Reads which clips train and which test.
 *
 * @param folder Of the split.
 * @throws {UnusableInput} If split and clips do not belong together, or a clip is of no class.
 */
export async function readLabelledClips(
  store: ClipStore,
  folder: string,
): Promise<LabelledClips> {
  const names = await store.names();
  const split = await readSplit(folder, names);
  const { classes } = store.meta;
  const wrong = store.labels.findIndex((label) => label < 0 || label >= classes);
  if (wrong >= 0) {
    throw new UnusableInput(
      `clip ${names[wrong]}: class ${store.labels[wrong]} is not among the ${classes} classes ` +
        `(0 to ${classes - 1}) of the clips`,
    );
  }
  return { store, split, test: testClips(split.folds) };
}
