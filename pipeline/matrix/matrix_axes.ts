/**
 * Reads the axes of a matrix: what each sets, its values and their labels.
 *
 * @module
 */
import { STAGE_ID } from "../experiment/experiment_schema.ts";
import { shown } from "../experiment/issue_wording.ts";
import { isPlainMap, type PlainMap } from "../experiment/layers.ts";
import {
  type Axis,
  type AxisValue,
  type Change,
  type Complain,
  isLabel,
  LABEL_WORDS,
  labelOf,
} from "./matrix.ts";
import { settingPath } from "./matrix_path.ts";
import type { Step } from "../experiment/source.ts";
import { didYouMean, listed } from "../suggest.ts";

const SEED = "seed";
const MOST_SEED = 2 ** 32 - 1;
/** What the axes are read from. */
export interface AxesTask {
  /** The axes as they are written, by name. */
  readonly axes: PlainMap;
  /** Names of all stages that the experiment has in some cell. */
  readonly stages: ReadonlySet<string>;
  /** The experiment's variants, by name. */
  readonly variants: PlainMap;
  /** Reports what is wrong. */
  readonly complain: Complain;
}

/** Makes a value of an axis out of what is written; complains and gives nothing where that is wrong. */
export type Maker = (
  written: unknown,
  at: readonly Step[],
  label: string | undefined,
) => AxisValue | undefined;

/** An axis that is read, and how further values of it are made (those that `include` adds). */
export interface ReadAxis {
  /** The axis. */
  readonly axis: Axis;
  /** Absent where the values are those that are written, as with cases. */
  readonly make: Maker | undefined;
}

/**
 * Reads all axes.
 *
 * @param task The axes and what they may refer to.
 * @returns Those that are sound.
 */
export function readAxes(task: AxesTask): readonly ReadAxis[] {
  return Object.entries(task.axes).flatMap(([name, axis]) => {
    const read = new AxisReader(task, name).read(axis);
    return read === undefined ? [] : [read];
  });
}

class AxisReader {
  readonly #task: AxesTask;
  readonly #name: string;
  readonly #at: readonly Step[];

  constructor(task: AxesTask, name: string) {
    this.#task = task;
    this.#name = name;
    this.#at = ["matrix", "axes", name];
  }

  read(axis: unknown): ReadAxis | undefined {
    const name = this.#name;
    if (!STAGE_ID.test(name)) {
      return this.#complain(
        this.#at,
        `expected the name of an axis of letters, digits, "_" and "-", found ${
          JSON.stringify(name)
        }`,
        true,
      );
    }
    if (Array.isArray(axis)) {
      const make: Maker = name === SEED
        ? (written, at) => this.#seed(written, at)
        : (written, at) => this.#variant(written, at);
      return this.#axis(axis, this.#at, make, make);
    }
    // Anything else was already reported with the form of the file.
    if (!isPlainMap(axis)) return undefined;
    if (isPlainMap(axis.cases)) {
      return this.#axis(axis.cases, [...this.#at, "cases"], (value, at, label) => ({
        ...this.#value(label!, value, at),
        changes: isPlainMap(value) ? [{ kind: "overlay", value }] : [],
      }), undefined);
    }
    const paths = this.#paths(axis.set);
    if (paths === undefined || !(Array.isArray(axis.values) || isPlainMap(axis.values))) {
      return undefined;
    }
    const make: Maker = (value, at, label) => this.#setting(paths, value, at, label);
    return this.#axis(axis.values, [...this.#at, "values"], make, make);
  }

  /** All values, which must have labels of their own. */
  #axis(
    values: readonly unknown[] | PlainMap,
    at: readonly Step[],
    make: Maker,
    more: Maker | undefined,
  ): ReadAxis | undefined {
    const written: [unknown, Step, string | undefined][] = Array.isArray(values)
      ? values.map((value, i) => [value, i, undefined])
      : Object.entries(values).map(([label, value]) => [value, label, label]);
    if (written.length === 0) {
      return this.#complain(at, `axis ${this.#name}: expected at least one value, found none`);
    }
    const found: AxisValue[] = [];
    for (const [value, step, label] of written) {
      const place = [...at, step];
      if (label !== undefined && !isLabel(label)) {
        this.#complain(
          place,
          `expected a label of ${LABEL_WORDS}, found ${JSON.stringify(label)}`,
          true,
        );
        continue;
      }
      const made = make(value, place, label);
      if (made === undefined) continue;
      if (found.some(({ label }) => label === made.label)) {
        this.#complain(
          place,
          `axis ${this.#name} has two values with the label ${made.label}; take one away, or name ` +
            "them: values: {LABEL: VALUE, ...}",
        );
        continue;
      }
      found.push(made);
    }
    if (found.length < written.length) return undefined;
    return { axis: { name: this.#name, values: found, own: found.length }, make: more };
  }

  #value(label: string, written: unknown, at: readonly Step[]): Omit<AxisValue, "changes"> {
    return { axis: this.#name, label, written, at };
  }

  #seed(written: unknown, at: readonly Step[]): AxisValue | undefined {
    if (!Number.isInteger(written) || Number(written) < 0 || Number(written) > MOST_SEED) {
      return this.#complain(
        at,
        `expected a seed (a whole number from 0 to ${MOST_SEED}), found ${shown(written)}`,
      );
    }
    const seed = Number(written);
    return { ...this.#value(String(seed), written, at), changes: [{ kind: "seed", seed }] };
  }

  #variant(written: unknown, at: readonly Step[]): AxisValue | undefined {
    const { variants } = this.#task;
    const known = Object.keys(variants);
    if (typeof written !== "string" || !Object.hasOwn(variants, written)) {
      const near = typeof written === "string" ? didYouMean(written, known) : "";
      return this.#complain(
        at,
        `a plain list names variants of the experiment, and there is no variant ${shown(written)}${
          near || "."
        } The variants here: ${listed(known)}. For values of a parameter write ` +
          `${this.#name}: {set: stages.STAGE.params.NAME, values: [...]}`,
      );
    }
    if (!isLabel(written)) {
      return this.#complain(
        at,
        `the variant ${JSON.stringify(written)} cannot be a label: expected ${LABEL_WORDS}`,
      );
    }
    const value = variants[written];
    if (isPlainMap(value) && value.matrix !== undefined) {
      return this.#complain(
        at,
        `the variant ${written} has a matrix of its own, so it cannot be a value of an axis`,
      );
    }
    return {
      ...this.#value(written, written, ["variants", written]),
      changes: isPlainMap(value) ? [{ kind: "overlay", value }] : [],
    };
  }

  #setting(
    paths: readonly { readonly path: readonly Step[]; readonly writtenAt: readonly Step[] }[],
    value: unknown,
    at: readonly Step[],
    given: string | undefined,
  ): AxisValue | undefined {
    const label = given ?? labelOf(value);
    if (label === undefined) {
      return this.#complain(
        at,
        `${shown(value)} cannot be a label (${LABEL_WORDS}); name the values: ` +
          "values: {LABEL: VALUE, ...}",
      );
    }
    const changes: Change[] = [];
    for (const { path, writtenAt } of paths) {
      if (path[0] !== SEED) changes.push({ kind: "set", path, value, writtenAt });
      else {
        const seed = this.#seed(value, at);
        if (seed === undefined) return undefined;
        changes.push(...seed.changes);
      }
    }
    return { ...this.#value(label, value, at), changes };
  }

  #paths(
    set: unknown,
  ): readonly { path: readonly Step[]; writtenAt: readonly Step[] }[] | undefined {
    const several = Array.isArray(set);
    const found = (several ? set : [set]).flatMap((text: unknown, i) => {
      const writtenAt = several ? [...this.#at, "set", i] : [...this.#at, "set"];
      if (typeof text !== "string") return [];
      const found = settingPath(text, this.#task.stages);
      if ("path" in found) return [{ path: found.path, writtenAt }];
      this.#complain(writtenAt, found.message);
      return [];
    });
    return found.length === (several ? set.length : 1) ? found : undefined;
  }

  #complain(path: readonly Step[], message: string, key = false): undefined {
    this.#task.complain(path, message, key);
    return undefined;
  }
}
