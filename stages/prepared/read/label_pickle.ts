/**
 * `train_label.pkl` and `val_label.pkl` of ST-GCN's form: a pair of lists, names and classes.
 *
 * @module
 */
import { openPickle, type PickleFile } from "../../formats/pickle_reader.ts";
import { describePickleValue, PickleArray } from "../../formats/pickle_value.ts";
import { UnusableInput } from "../../formats/unusable_input.ts";
import { wholeLabel } from "../class_labels.ts";

/** Names without `.skeleton`, and classes from 0, `undefined` where one is no class. */
export interface LabelledNames {
  readonly names: readonly string[];
  readonly labels: readonly (number | undefined)[];
}

/**
 * Reads a file.
 *
 * @throws {UnusableInput} If it holds something else.
 */
export function readLabelPickle(path: string): LabelledNames {
  using file = openPickle(path);
  const { value } = file;
  const [names, labels] = Array.isArray(value) && value.length === 2
    ? value.map((column) => columnOf(file, column))
    : [];
  if (
    names === undefined || labels === undefined || names.length !== labels.length ||
    !names.every((name) => typeof name === "string")
  ) {
    throw new UnusableInput(
      `${path}: expected a pair of lists of equal length, names and classes, found ` +
        (Array.isArray(value) && value.length <= 4
          ? `${describePickleValue(value)}: ${value.map(describePickleValue).join(", ")}`
          : describePickleValue(value)),
    );
  }
  return {
    names: (names as string[]).map((name) => name.replace(/\.skeleton$/, "")),
    labels: labels.map(wholeLabel),
  };
}

function columnOf(file: PickleFile, value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value;
  if (!(value instanceof PickleArray) || value.header.shape.length !== 1) return undefined;
  return Array.from<unknown>(file.array(value, "a list of names or classes").data);
}
