/**
 * The rows of a table: those that are asked for, or one for each result.
 *
 * @module
 */
import type { Reference, TableParams } from "./definition.ts";

/** A row as an experiment file asks for it. */
export type RowParams = NonNullable<TableParams["rows"]>[number];

/** A row and the inputs that hold its result. */
export interface RowChoice {
  /** Its name. */
  readonly input: string;
  /** Inputs that its figures are the mean of; itself alone, unless it is the mean over cells. */
  readonly cells: readonly string[];
  /** First column; the result's own title if unset. */
  readonly title?: string;
  /** It shows what there is without pre-training. */
  readonly control: boolean;
  /** Kinds of classifier that the long layout shows; all of the result if unset. */
  readonly probes?: readonly string[];
  /** A published number. */
  readonly reference?: Reference;
}

/**
 * The inputs that a row means: the one of its name, or all cells that were gathered under that name
 * (`pretrained` means `pretrained@seed=1` and `pretrained@seed=2`).
 *
 * @param input What the row names.
 * @param results Names of the inputs that are results.
 */
export function inputsOfRow(input: string, results: readonly string[]): readonly string[] {
  return results.includes(input) ? [input] : results.filter((name) => name.startsWith(`${input}@`));
}

/**
 * The rows from top to bottom. A row that means several cells becomes one for each, with the cell
 * behind its title, unless their mean is asked for.
 *
 * @param rows The rows that are asked for; one for each result where unset.
 * @param results Names of the inputs that are results.
 */
export function rowsOf(
  rows: readonly RowParams[] | undefined,
  results: readonly string[],
): readonly RowChoice[] {
  if (rows === undefined) {
    return results.map((input) => ({ input, cells: [input], control: false }));
  }
  return rows.flatMap<RowChoice>(({ input, title, control, mean, probes, reference }) => {
    const inputs = inputsOfRow(input, results);
    const more = {
      ...(probes === undefined ? {} : { probes }),
      ...(reference === undefined ? {} : { reference }),
    };
    if (mean) return [{ input, cells: inputs, control, title: title ?? input, ...more }];
    return inputs.map((name) => {
      const cell = name === input ? "" : name.slice(input.length + 1);
      const shown = cell === "" ? title : `${title ?? input} ${cell}`;
      const named = shown === undefined ? {} : { title: shown };
      return { input: name, cells: [name], control, ...named, ...more };
    });
  });
}

/** The labels of the cell from which an input was gathered, by axis: of `a@tau=0.2,seed=1`, two. */
function cellOf(input: string): ReadonlyMap<string, string> {
  const labels = input.slice(input.indexOf("@") + 1).split(",").filter((part) =>
    part.includes("=")
  );
  return new Map(labels.map((part) => {
    const equals = part.indexOf("=");
    return [part.slice(0, equals), part.slice(equals + 1)];
  }));
}

/**
 * Whether two inputs are of one cell of a grid: they agree on every axis that both differ along. Those
 * that come from no grid agree with all.
 *
 * @param first Name of an input.
 * @param second Name of another.
 */
export function isOneCell(first: string, second: string): boolean {
  const cell = cellOf(second);
  return [...cellOf(first)].every(([axis, label]) => (cell.get(axis) ?? label) === label);
}

/** The axes along which cells differ, in their names' order: of `a@tau=0.2,seed=1` and `a@tau=0.2,seed=2`, seed. */
export function differingAxes(cells: readonly string[]): readonly string[] {
  const labels = cells.map(cellOf);
  const axes = [...new Set(labels.flatMap((cell) => [...cell.keys()]))];
  return axes.filter((axis) => new Set(labels.map((cell) => cell.get(axis))).size > 1);
}
