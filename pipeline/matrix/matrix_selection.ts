/**
 * Choosing values of axes: what an entry of `exclude` or `include` names, and what the user asks for.
 *
 * @module
 */
import { shown } from "../experiment/issue_wording.ts";
import type { PlainMap } from "../experiment/layers.ts";
import { type AxisValue, type Cell, type Complain, labelOf } from "./matrix.ts";
import type { ReadAxis } from "./matrix_axes.ts";
import type { Step } from "../experiment/source.ts";
import { didYouMean, listed } from "../suggest.ts";

/** Values by the position of their axis. */
export type Selection = ReadonlyMap<number, readonly AxisValue[]>;

/** Whether a cell has one of the values of each axis that a selection names. */
export function isSelected(cell: Cell, selection: Selection): boolean {
  return [...selection].every(([index, values]) => values.includes(cell[index]!));
}

/** Finds values of axes, and makes those that only `include` names. */
export class ValueChooser {
  readonly #axes: readonly ReadAxis[];
  readonly #complain: Complain;
  /** By the position of the axis; grows by the values that are added. */
  readonly values: readonly AxisValue[][];

  /**
   * Begins with the values that the axes have.
   *
   * @param axes The axes.
   * @param complain Reports an entry that names nothing.
   */
  constructor(axes: readonly ReadAxis[], complain: Complain) {
    this.#axes = axes;
    this.#complain = complain;
    this.values = axes.map(({ axis }) => [...axis.values]);
  }

  /** The position of an axis; -1 where there is none of that name. */
  index(name: string): number {
    return this.#axes.findIndex(({ axis }) => axis.name === name);
  }

  /** Says that there is no such axis. */
  unknownAxis(name: string): string {
    const known = this.#axes.map(({ axis }) => axis.name);
    return `the matrix has no axis ${JSON.stringify(name)}${didYouMean(name, known) || "."} ` +
      `Its axes: ${listed(known)}`;
  }

  /** Says that an axis has no such value. */
  unknownValue(index: number, wanted: unknown): string {
    const labels = this.values[index]!.map(({ label }) => label);
    return `axis ${this.#axes[index]!.axis.name} has no value ${shown(wanted)}${
      didYouMean(labelOf(wanted) ?? "", labels) || "."
    } Its values: ${listed(labels)}`;
  }

  /**
   * What an entry says of axes: `{ seed: 3 }`, or `{ seed: [3, 4] }` for any of them.
   *
   * @param entry The entry.
   * @param at Where it stands.
   * @param adds Whether it may name values that the axis does not have.
   * @returns `undefined` if anything is wrong with it.
   */
  selection(entry: PlainMap, at: readonly Step[], adds: boolean): Selection | undefined {
    const selection = new Map<number, readonly AxisValue[]>();
    const names = Object.keys(entry);
    if (names.length === 0) {
      this.#complain(at, "expected an axis and its value, such as {seed: 3}, found none");
    }
    for (const name of names) {
      const values = this.#named(name, entry[name], [...at, name], adds);
      if (values !== undefined) selection.set(this.index(name), values);
    }
    return names.length > 0 && selection.size === names.length ? selection : undefined;
  }

  #named(
    name: string,
    wanted: unknown,
    at: readonly Step[],
    adds: boolean,
  ): readonly AxisValue[] | undefined {
    const index = this.index(name);
    if (index < 0) {
      this.#complain(at, this.unknownAxis(name), true);
      return undefined;
    }
    const list: readonly unknown[] = Array.isArray(wanted) ? wanted : [wanted];
    if (list.length === 0) this.#complain(at, `${name}: expected a value, found an empty list`);
    const found = list.flatMap((value, i) => {
      const place = Array.isArray(wanted) ? [...at, i] : at;
      return this.#valueOf(index, value) ?? this.#added(index, value, place, adds) ?? [];
    });
    return list.length > 0 && found.length === list.length ? found : undefined;
  }

  /** A value by its label, or by itself. */
  #valueOf(index: number, wanted: unknown): AxisValue | undefined {
    const label = labelOf(wanted);
    const text = JSON.stringify(wanted);
    return this.values[index]!.find((value) => value.label === label) ??
      this.values[index]!.find(({ written }) => JSON.stringify(written) === text);
  }

  #added(
    index: number,
    value: unknown,
    at: readonly Step[],
    adds: boolean,
  ): AxisValue | undefined {
    const { make } = this.#axes[index]!;
    if (!adds || make === undefined) {
      this.#complain(at, this.unknownValue(index, value));
      return undefined;
    }
    const made = make(value, at, undefined);
    if (made !== undefined) this.values[index]!.push(made);
    return made;
  }
}
