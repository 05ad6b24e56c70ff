/**
 * Expands the stages of an experiment by the cells of its matrix: a stage that no axis reaches exists
 * once, under its own name; one that is reached once for each combination of the values that reach it,
 * as `pretrain@seed=1,tau=0.07`.
 *
 * @module
 */
import { valueAt } from "../experiment/issue_wording.ts";
import { filled } from "../experiment/experiment_form.ts";
import { followed, isPlainMap, merged, placed } from "../experiment/layers.ts";
import { type AxisValue, type Cell, cellText } from "./matrix.ts";
import type { Grid } from "./matrix_cells.ts";
import { changeOf, type Reach, seedOf } from "./matrix_reach.ts";
import type { Step } from "../experiment/source.ts";

/** A stage in a cell. */
export interface ExpandedStage {
  /** Its name, with the values that reach it behind `@`. */
  readonly id: string;
  /** Its name in the file. */
  readonly base: string;
  /** Its type, inputs and parameters as they are in the cell, unchecked. */
  readonly raw: unknown;
  /** Of the experiment, or of the cell. */
  readonly seed: number;
  /** What of its cell reaches it. */
  readonly values: readonly AxisValue[];
  /** A cell it belongs to; one of several where not all axes reach it. */
  readonly cell: Cell;
}

/** What stages are expanded from. */
export interface ExpansionTask {
  /** Axes and cells. */
  readonly grid: Grid;
  /** Which axis reaches which stage. */
  readonly reach: Reach;
  /** The stages of the file by name, with those that only the matrix adds. */
  readonly stages: ReadonlyMap<string, unknown>;
  /** The experiment's seed. */
  readonly seed: number;
}

/** The stages of an experiment, in all of its cells. */
export class Expansion {
  /**
   * Cell by cell, and in each in the order of the file, each stage at its first cell; behind them those
   * that gather cells.
   */
  readonly stages: readonly ExpandedStage[];
  readonly #byId: ReadonlyMap<string, ExpandedStage>;
  readonly #byBase = new Map<string, ExpandedStage[]>();
  readonly #names: ReadonlySet<string>;
  readonly #task: ExpansionTask;
  readonly #raw = new Map<string, { readonly raw: unknown } | undefined>();

  /**
   * Expands all stages.
   *
   * @param task The stages and the cells.
   */
  constructor(task: ExpansionTask) {
    this.#task = task;
    this.#names = new Set(task.stages.keys());
    const byId = new Map<string, ExpandedStage>();
    const { gathering } = task.reach;
    const bases = [...task.stages.keys()];
    for (const last of [false, true]) {
      const names = bases.filter((base) => gathering.has(base) === last);
      for (const cell of task.grid.cells) {
        for (const base of names) this.#expand(base, cell, byId);
      }
    }
    this.#byId = byId;
    this.stages = [...byId.values()];
  }

  /** The stage of an id; `undefined` where there is none. */
  get(id: string): ExpandedStage | undefined {
    return this.#byId.get(id);
  }

  /** The names of all stages in the file, and of those that only the matrix adds. */
  get names(): ReadonlySet<string> {
    return this.#names;
  }

  /** The stage of a name in the same cell as another; `undefined` where that cell has none. */
  beside(stage: ExpandedStage, base: string): ExpandedStage | undefined {
    return this.#byId.get(this.#idOf(base, stage.cell));
  }

  /** The stages of a name in all cells. */
  cellsOf(base: string): readonly ExpandedStage[] {
    return this.#byBase.get(base) ?? [];
  }

  /**
   * Where in the experiment a value of a stage comes from.
   *
   * @param path From the root, with the id of a stage in a cell.
   * @param key Whether the name is meant, not the value.
   * @returns The path in the file's own terms: of the stage, or of the matrix's entry that set it.
   */
  origin(path: readonly Step[], key = false): { path: readonly Step[]; key: boolean } {
    const [first, id, ...rest] = path;
    const stage = first === "stages" ? this.#byId.get(String(id)) : undefined;
    if (stage === undefined) return { path, key };
    for (const { changes, at } of stage.cell.toReversed()) {
      for (const change of changes.toReversed()) {
        const found = changeOf(change, stage.base);
        if (found === undefined) continue;
        if (change.kind === "overlay") {
          const inner = ["stages", stage.base, ...rest];
          if (rest.length > 0 && followed(change.value, inner) === inner.length) {
            return { path: [...at, ...inner], key };
          }
        } else if (change.kind === "set") {
          const set = change.path.slice(2);
          const shared = set.filter((step, i) => String(step) === String(rest[i])).length;
          if (shared === set.length && !(key && rest.length === set.length)) {
            return { path: [...at, ...rest.slice(set.length)], key };
          }
          // The name that is set, or one on the way to it, is not known or holds no map.
          const deeper = shared === rest.length && rest.length > 1 && rest.length < set.length &&
            !isPlainMap(valueAt(this.#task.stages.get(stage.base), rest));
          if (deeper || (key && shared === Math.min(set.length, rest.length))) {
            return { path: change.writtenAt, key: false };
          }
        }
      }
    }
    return { path: ["stages", stage.base, ...rest], key };
  }

  #expand(base: string, cell: Cell, byId: Map<string, ExpandedStage>): void {
    const id = this.#idOf(base, cell);
    const found = byId.has(id) ? undefined : this.#rawOf(base, cell);
    if (found === undefined) return;
    const values = this.#reaching(base, cell);
    const seed = cell.map(seedOf).find((seed) => seed !== undefined) ?? this.#task.seed;
    const stage = { id, base, raw: found.raw, seed, values, cell };
    byId.set(id, stage);
    const cells = this.#byBase.get(base);
    if (cells === undefined) this.#byBase.set(base, [stage]);
    else cells.push(stage);
  }

  #reaching(base: string, cell: Cell): readonly AxisValue[] {
    return (this.#task.reach.all.get(base) ?? []).map((axis) => cell[axis]!);
  }

  #idOf(base: string, cell: Cell): string {
    const values = this.#reaching(base, cell);
    return values.length === 0 ? base : `${base}@${cellText(values)}`;
  }

  /** A stage as it is in a cell; `undefined` where that cell takes it away. */
  #rawOf(base: string, cell: Cell): { readonly raw: unknown } | undefined {
    const values = (this.#task.reach.direct.get(base) ?? []).map((axis) => cell[axis]!);
    const own = this.#task.stages.get(base);
    if (values.length === 0) return { raw: own };
    const name = `${base}@${cellText(values)}`;
    if (!this.#raw.has(name)) this.#raw.set(name, changed(base, own, values));
    return this.#raw.get(name);
  }
}

/** A stage with the changes of a cell: first what is laid over it, then what is set in it. */
function changed(
  base: string,
  own: unknown,
  values: readonly AxisValue[],
): { readonly raw: unknown } | undefined {
  const changes = values.flatMap(({ changes }) => changes);
  const overlays = changes.filter(({ kind }) => kind === "overlay")
    .flatMap((change) => changeOf(change, base) ?? []).map(({ value }) => value);
  if (overlays.includes(null)) return undefined;
  // One that brings another type comes first, since it replaces the stage as a whole.
  const brings = (value: unknown) => isPlainMap(value) && value.uses !== undefined ? 0 : 1;
  let raw = own;
  for (const value of overlays.toSorted((a, b) => brings(a) - brings(b))) {
    raw = raw === undefined ? value : merged(raw, value, ["stages", base]);
  }
  if (raw === undefined) return undefined;
  for (const change of changes) {
    if (change.kind !== "set" || change.path[1] !== base) continue;
    raw = placed(raw, change.path.slice(2), change.value);
  }
  return { raw: filled(raw) };
}
