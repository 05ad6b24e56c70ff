/**
 * The cells of a matrix: the product of its axes, less what is excluded, with what is included, and
 * of those the ones that the user asks for.
 *
 * @module
 */
import { CELL_PREFIX } from "../experiment/experiment_error.ts";
import { isPlainMap, type PlainMap } from "../experiment/layers.ts";
import { type Axis, type AxisValue, type Cell, cellText, type Complain } from "./matrix.ts";
import type { ReadAxis } from "./matrix_axes.ts";
import type { Step } from "../experiment/source.ts";
import { isSelected, type Selection, ValueChooser } from "./matrix_selection.ts";

/** A grid of more cells is a slip of the hand. */
const MOST_CELLS = 100_000;

/** What the cells are made from. */
export interface CellsTask {
  /** The matrix as it is written. */
  readonly matrix: PlainMap;
  /** Its axes. */
  readonly axes: readonly ReadAxis[];
  /** What the user asks for, each as `axis=label`. */
  readonly only: readonly string[];
  /** Reports something wrong in the file. */
  readonly complain: Complain;
  /** Reports something wrong with what the user asks for. */
  readonly refuse: (only: string, message: string) => void;
}

/** The cells in use, and the axes with all values that occur in the matrix. */
export interface Grid {
  /** In the order of the file. */
  readonly axes: readonly Axis[];
  /** The first axis changes slowest; those that are included stand at the end. */
  readonly cells: readonly Cell[];
}

/**
 * Finds the cells.
 *
 * @param task The axes and what else the matrix says.
 * @returns `undefined` if anything is wrong with it.
 */
export function gridOf(task: CellsTask): Grid | undefined {
  return new GridReader(task).read();
}

class GridReader {
  readonly #task: CellsTask;
  readonly #chooser: ValueChooser;
  #sound = true;

  constructor(task: CellsTask) {
    this.#task = task;
    this.#chooser = new ValueChooser(task.axes, this.#complain.bind(this));
  }

  read(): Grid | undefined {
    const { axes } = this.#task;
    const groups = this.#groups();
    const sizes = groups.map(([first]) => axes[first!]!.axis.own);
    const size = sizes.reduce((product, size) => product * size, 1);
    if (size > MOST_CELLS) {
      const factors = groups.map((group, i) => `${sizes[i]} (${this.#names(group)})`).join(" x ");
      this.#complain(
        ["matrix", "axes"],
        `the matrix has ${factors} = ${size.toLocaleString("en")} cells; expected at most ` +
          `${MOST_CELLS.toLocaleString("en")}: name fewer values, or zip axes`,
        true,
      );
    }
    if (!this.#sound) return undefined;
    const product = this.#product(groups, new Map());
    const left = this.#excluded(product);
    const cells = this.#included(left, groups);
    if (this.#sound && cells.length === 0) {
      this.#complain(
        ["matrix", "exclude"],
        `the matrix excludes all of its ${product.length} cells; expected at least one that is left`,
        true,
      );
    }
    const chosen = this.#sound ? this.#chosen(cells) : [];
    if (!this.#sound) return undefined;
    const grid = axes.map(({ axis }, i) => ({ ...axis, values: this.#chooser.values[i]! }));
    return { axes: grid, cells: chosen };
  }

  #names(group: readonly number[]): string {
    return group.map((i) => this.#task.axes[i]!.axis.name).join(", ");
  }

  /** Axes that go together, by their positions; in the order of each one's first. */
  #groups(): readonly (readonly number[])[] {
    const { matrix, axes } = this.#task;
    const groupOf = new Map<number, number[]>();
    const zip = Array.isArray(matrix.zip) ? matrix.zip : [];
    zip.forEach((names: unknown, i) => {
      if (!Array.isArray(names)) return;
      const group: number[] = [];
      names.forEach((name, j) => {
        const at = ["matrix", "zip", i, j];
        const index = this.#chooser.index(String(name));
        if (index < 0) this.#complain(at, this.#chooser.unknownAxis(String(name)));
        else if (groupOf.has(index)) {
          this.#complain(at, `axis ${name} is zipped already; name each axis once`);
        } else {
          group.push(index);
          groupOf.set(index, group);
        }
      });
      const lengths = group.map((index) => axes[index]!.axis.own);
      if (lengths.some((length) => length !== lengths[0])) {
        const found = group.map((index, j) => `${axes[index]!.axis.name} has ${lengths[j]}`);
        this.#complain(
          ["matrix", "zip", i],
          `axes that are zipped need the same number of values; ${found.join(", ")}`,
        );
      }
    });
    const groups = new Set(axes.map((_, i) => groupOf.get(i) ?? [i]));
    return [...groups].map((group) => [...group].sort((a, b) => a - b));
  }

  /** All combinations, an axis with a selection taking the selected values alone. */
  #product(groups: readonly (readonly number[])[], selection: Selection): readonly Cell[] {
    const { axes } = this.#task;
    let partial: AxisValue[][] = [[]];
    for (const group of groups) {
      const chosen = group.map((i) => selection.get(i) ?? axes[i]!.axis.values);
      const length = Math.min(...chosen.map((values) => values.length));
      partial = partial.flatMap((cell) =>
        Array.from({ length }, (_, k) => {
          const longer = [...cell];
          group.forEach((i, j) => longer[i] = chosen[j]![k]!);
          return longer;
        })
      );
    }
    return partial;
  }

  #excluded(cells: readonly Cell[]): readonly Cell[] {
    let left = cells;
    const { exclude } = this.#task.matrix;
    (Array.isArray(exclude) ? exclude : []).forEach((entry: unknown, i) => {
      const at = ["matrix", "exclude", i];
      const selection = isPlainMap(entry) ? this.#chooser.selection(entry, at, false) : undefined;
      if (selection === undefined) return;
      if (!cells.some((cell) => isSelected(cell, selection))) {
        this.#complain(at, "this excludes nothing: the matrix has no such cell");
      }
      left = left.filter((cell) => !isSelected(cell, selection));
    });
    return left;
  }

  #included(cells: readonly Cell[], groups: readonly (readonly number[])[]): readonly Cell[] {
    const all = new Map(cells.map((cell) => [cellText(cell), cell]));
    const { include } = this.#task.matrix;
    (Array.isArray(include) ? include : []).forEach((entry: unknown, i) => {
      const at = ["matrix", "include", i];
      const selection = isPlainMap(entry) ? this.#chooser.selection(entry, at, true) : undefined;
      if (selection === undefined || !this.#wholeGroups(groups, selection, at)) return;
      const before = all.size;
      for (const cell of this.#product(groups, selection)) all.set(cellText(cell), cell);
      if (all.size === before) {
        this.#complain(at, "this includes nothing: the matrix has these cells already");
      }
    });
    return [...all.values()];
  }

  /** Zipped axes are included together, with as many values each. */
  #wholeGroups(
    groups: readonly (readonly number[])[],
    selection: Selection,
    at: readonly Step[],
  ): boolean {
    for (const group of groups) {
      const lengths = group.map((i) => selection.get(i)?.length);
      if (lengths.every((length) => length === lengths[0])) continue;
      this.#complain(
        at,
        `${
          this.#names(group)
        } are zipped; give each of them here, with as many values as the others`,
      );
      return false;
    }
    return true;
  }

  /** The cells that the user asks for: any of the labels of an axis, of each axis that is named. */
  #chosen(cells: readonly Cell[]): readonly Cell[] {
    const wanted = new Map<number, Set<string>>();
    for (const text of this.#task.only) {
      const equals = text.indexOf("=");
      const name = text.slice(0, Math.max(0, equals)).trim();
      const label = text.slice(equals + 1).trim();
      const index = this.#chooser.index(name);
      if (equals < 0) this.#refuse(text, "expected AXIS=LABEL, such as seed=1");
      else if (index < 0) this.#refuse(text, this.#chooser.unknownAxis(name));
      else if (!this.#chooser.values[index]!.some((value) => value.label === label)) {
        this.#refuse(text, this.#chooser.unknownValue(index, label));
      } else wanted.set(index, (wanted.get(index) ?? new Set()).add(label));
    }
    const chosen = cells.filter((cell) =>
      [...wanted].every(([index, labels]) => labels.has(cell[index]!.label))
    );
    if (this.#sound && cells.length > 0 && chosen.length === 0) {
      this.#refuse(this.#task.only.join(` ${CELL_PREFIX}`), "the matrix has no such cell");
    }
    return chosen;
  }

  #refuse(only: string, message: string): void {
    this.#sound = false;
    this.#task.refuse(only, message);
  }

  #complain(path: readonly Step[], message: string, key = false): void {
    this.#sound = false;
    this.#task.complain(path, message, key);
  }
}
