/**
 * What the probes read: features and split, checked against each other before anything is computed.
 *
 * @module
 */
import { readJson } from "../formats/json_text.ts";
import { readNpy, readNpyStrings } from "../formats/npy.ts";
import { UnusableInput } from "../formats/unusable_input.ts";
import type { RowMatrix } from "../metrics/row_matrix.ts";
import { readSplit, type SplitFold, testClips } from "../split/split_file.ts";
import { performances } from "./performances.ts";

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
  readonly folds: readonly SplitFold[];
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
  const labels = (await readNpy(`${features}/labels.npy`, "i4", 1)).data;
  const subjects = (await readNpy(`${features}/subjects.npy`, "i4", 1)).data;
  const names = await readNpyStrings(`${features}/names.npy`);
  if (labels.length !== names.length || subjects.length !== names.length) {
    throw new UnusableInput(
      `expected labels and subjects of the ${names.length} clips, found ${labels.length} and ` +
        `${subjects.length}: the features are damaged`,
    );
  }
  const { protocol, folds } = await readSplit(split, names);
  const wrong = labels.findIndex((label) => label < 0 || label >= header.classes);
  if (wrong >= 0) {
    throw new UnusableInput(
      `clip ${names[wrong]}: class ${labels[wrong]} is not among the ${header.classes} classes ` +
        `(0 to ${header.classes - 1}) of the features`,
    );
  }
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
    test: testClips(folds),
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
