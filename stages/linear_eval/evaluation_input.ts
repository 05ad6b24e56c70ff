/**
 * What the probes read: features and split, checked against each other before anything is computed.
 *
 * @module
 */
import { readJson } from "../formats/json_text.ts";
import { readNpy, readNpyStrings } from "../formats/npy.ts";
import { UnusableInput } from "../formats/unusable_input.ts";
import type { RowMatrix } from "../metrics/row_matrix.ts";
import { performances } from "./performances.ts";

/** Training and test clips of one fold. */
export interface Fold {
  readonly name: string;
  /** Indices of clips, ascending. */
  readonly train: readonly number[];
  readonly test: readonly number[];
}

/** Everything but the feature matrices themselves, which are read one member at a time. */
export interface EvaluationInput {
  /** Where the features come from, such as `raw coordinates`. */
  readonly source: string;
  readonly members: readonly string[];
  /** Columns of each member's matrix. */
  readonly dim: number;
  readonly classes: number;
  /** Names of the classes, where the features carry them. */
  readonly classNames: readonly string[] | undefined;
  /** Statistics of each member's features, as the features state them. */
  readonly stats: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly labels: Int32Array<ArrayBuffer>;
  readonly subjects: Int32Array<ArrayBuffer>;
  readonly names: readonly string[];
  /** Number of each clip's performance; absent where the features do not tell performances apart. */
  readonly performances: Int32Array | undefined;
  readonly protocol: string;
  readonly folds: readonly Fold[];
  /** All test clips of all folds, ascending. */
  readonly test: readonly number[];
  /** How many different clips train in any fold. */
  readonly trainClips: number;
}

interface FeaturesJson {
  readonly source: string;
  readonly members: readonly string[];
  readonly dim: number;
  readonly classes: number;
  readonly class_names?: readonly string[];
  readonly stats: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

interface SplitJson {
  readonly protocol: string;
  readonly clips: number;
  readonly folds: readonly Fold[];
}

/**
 * Reads both inputs.
 *
 * @param features Folder of the features.
 * @param split Folder of the split.
 * @throws {UnusableInput} If they do not belong together, a fold lacks training or test clips, a clip both
 * trains and tests in one fold, or is tested twice.
 */
export async function readEvaluationInput(
  features: string,
  split: string,
): Promise<EvaluationInput> {
  const header = await readJson<FeaturesJson>(`${features}/features.json`);
  const { protocol, clips, folds } = await readJson<SplitJson>(`${split}/split.json`);
  const labels = (await readNpy(`${features}/labels.npy`, "i4", 1)).data;
  const subjects = (await readNpy(`${features}/subjects.npy`, "i4", 1)).data;
  const names = await readNpyStrings(`${features}/names.npy`);
  if (labels.length !== clips || subjects.length !== clips || names.length !== clips) {
    throw new UnusableInput(
      `the split is of ${clips} clips and the features are of ${labels.length}: ` +
        `both inputs must come from the same clips`,
    );
  }
  const wrong = labels.findIndex((label) => label < 0 || label >= header.classes);
  if (wrong >= 0) {
    throw new UnusableInput(
      `clip ${names[wrong]}: class ${labels[wrong]} is not among the ${header.classes} classes ` +
        `(0 to ${header.classes - 1}) of the features`,
    );
  }
  const test = checkFolds(folds, clips, names);
  return {
    source: header.source,
    members: header.members,
    dim: header.dim,
    classes: header.classes,
    classNames: header.class_names?.length === header.classes ? header.class_names : undefined,
    stats: header.stats,
    labels,
    subjects,
    names,
    performances: await readPerformances(features, labels, subjects),
    protocol,
    folds,
    test,
    trainClips: new Set(folds.flatMap((fold) => fold.train)).size,
  };
}

/** Features made before they held these columns have none of them. */
async function readPerformances(
  features: string,
  labels: Int32Array,
  subjects: Int32Array,
): Promise<Int32Array | undefined> {
  const read = async (name: string) => {
    try {
      return (await readNpy(`${features}/${name}.npy`, "i4", 1)).data;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  };
  const cameras = await read("cameras"), setups = await read("setups");
  const replications = await read("replications");
  if (cameras === undefined || setups === undefined || replications === undefined) return undefined;
  return performances({ labels, subjects, cameras, setups, replications });
}

/** Checks the folds, and returns all test clips in ascending order. */
function checkFolds(
  folds: readonly Fold[],
  clips: number,
  names: readonly string[],
): readonly number[] {
  if (folds.length === 0) throw new UnusableInput("split.json: no fold");
  const tested = new Map<number, string>();
  for (const fold of folds) {
    for (const [part, indices] of [["train", fold.train], ["test", fold.test]] as const) {
      if (indices.length === 0) {
        throw new UnusableInput(
          `split.json: fold ${fold.name} has no ${part} clips; take a protocol that fits the data`,
        );
      }
      const outside = indices.find((i) => !Number.isInteger(i) || i < 0 || i >= clips);
      if (outside !== undefined) {
        throw new UnusableInput(
          `split.json: fold ${fold.name}, ${part}: no clip ${outside} among the ${clips}`,
        );
      }
    }
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
  return [...tested.keys()].sort((a, b) => a - b);
}

/**
 * Reads one member's features.
 *
 * @throws {UnusableInput} If its shape does not fit, or a value is not finite.
 */
export async function readMember(
  folder: string,
  member: string,
  input: EvaluationInput,
): Promise<RowMatrix> {
  const path = `${folder}/${member}.npy`;
  const { shape, data } = await readNpy(path, "f4", 2);
  if (shape[0] !== input.labels.length || shape[1] !== input.dim) {
    throw new UnusableInput(
      `${member}.npy: expected shape (${input.labels.length}, ${input.dim}), found ` +
        `(${shape.join(", ")})`,
    );
  }
  const wrong = data.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) {
    const row = Math.floor(wrong / input.dim);
    throw new UnusableInput(
      `${member}.npy: feature ${wrong % input.dim} of clip ${input.names[row]} is ${
        data[wrong]
      }; ` +
        `features must be finite (did pre-training diverge?)`,
    );
  }
  return { rows: shape[0]!, columns: input.dim, values: data };
}
