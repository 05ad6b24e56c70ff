/**
 * Reading what a picture shows: the same clips of every input.
 *
 * @module
 */
import { openNpy } from "../formats/npy.ts";
import { UnusableInput } from "../formats/unusable_input.ts";
import { type EvaluationInput, readEvaluationInput } from "../linear_eval/evaluation_input.ts";
import { normalizeRows, type RowMatrix } from "../metrics/row_matrix.ts";

/** One panel: a member of an input. */
export interface PanelSource {
  /** Name of the input. */
  readonly input: string;
  /** What stands above it. */
  readonly title: string;
  readonly folder: string;
  readonly member: string;
  /** Whether the input has other members. */
  readonly isOneOfSeveral: boolean;
  readonly features: EvaluationInput;
}

/**
 * Reads the descriptions of all inputs.
 *
 * @param inputs Names of the inputs, in order, with the folders of their features and their headings.
 * @param split Folder of the split.
 * @param members The first member of each, or all.
 * @throws {UnusableInput} If they are not of the same clips, or do not belong to the split.
 */
export async function panelSources(
  inputs: readonly Pick<PanelSource, "input" | "folder" | "title">[],
  split: string,
  members: "first" | "all",
): Promise<readonly PanelSource[]> {
  const sources: PanelSource[] = [];
  for (const named of inputs) {
    const { input } = named;
    const features = await readEvaluationInput(named.folder, split);
    const first = sources[0];
    if (first !== undefined) requireSameClips(first, { input, features });
    const shown = members === "all" ? features.members : features.members.slice(0, 1);
    const isOneOfSeveral = features.members.length > 1;
    sources.push(...shown.map((member) => ({ ...named, member, isOneOfSeveral, features })));
  }
  return sources;
}

function requireSameClips(
  first: PanelSource,
  { input, features }: Pick<PanelSource, "input" | "features">,
): void {
  const clip = first.features.names.findIndex((name, i) =>
    name !== features.names[i] || first.features.labels[i] !== features.labels[i]
  );
  if (clip < 0) return;
  throw new UnusableInput(
    `features ${input} and ${first.input} are not of the same clips: clip ${clip} is ` +
      `${features.names[clip]} of class ${features.labels[clip]} in the one and ` +
      `${first.features.names[clip]} of class ${first.features.labels[clip]} in the other`,
  );
}

/**
 * Reads the features of some clips alone: raw coordinates of a whole data set may not fit memory.
 *
 * @param clips Their indices.
 * @param unitLength Scales every row to length 1.
 * @throws {UnusableInput} If the file's shape does not fit, or a value is not finite.
 */
export async function readPanel(
  { folder, member, features }: PanelSource,
  clips: readonly number[],
  unitLength: boolean,
): Promise<RowMatrix> {
  const file = `${member}.npy`;
  await using npy = await openNpy(`${folder}/${file}`);
  const { dim, labels, names } = features;
  if (
    npy.type !== "f4" || npy.shape.length !== 2 || npy.shape[0] !== labels.length ||
    npy.shape[1] !== dim
  ) {
    throw new UnusableInput(
      `${file}: expected f4 of shape (${labels.length}, ${dim}), found ${npy.type} of ` +
        `(${npy.shape.join(", ")})`,
    );
  }
  const values = new Float32Array(clips.length * dim);
  for (const [row, clip] of clips.entries()) {
    const found = await npy.readRows(clip, clip + 1);
    const wrong = found.findIndex((value) => !Number.isFinite(value));
    if (wrong >= 0) {
      throw new UnusableInput(
        `${file}: feature ${wrong} of clip ${names[clip]} is ${found[wrong]}; features must be ` +
          "finite (did pre-training diverge?)",
      );
    }
    values.set(found, row * dim);
  }
  const matrix = { rows: clips.length, columns: dim, values };
  return unitLength ? normalizeRows(matrix) : matrix;
}
