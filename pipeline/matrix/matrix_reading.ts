/**
 * Reads the matrix of an experiment and expands its stages; an experiment without one is expanded too,
 * into the stages it has.
 *
 * @module
 */
import { CELL_PREFIX } from "../experiment/experiment_error.ts";
import { isPlainMap, type PlainMap } from "../experiment/layers.ts";
import type { Axis, Complain } from "./matrix.ts";
import { readAxes } from "./matrix_axes.ts";
import { type Grid, gridOf } from "./matrix_cells.ts";
import { checkConflicts } from "./matrix_conflicts.ts";
import { Expansion } from "./matrix_expansion.ts";
import { allStages, type Reach, reachOf } from "./matrix_reach.ts";
import type { Catalogue } from "../stage.ts";
import type { MatrixSummary } from "../types.ts";

/** More stages than this come from a slip of the hand. */
const MOST_STAGES = 200_000;

/** The longest name of a stage, which is also that of a folder where it is gathered. */
const MOST_LETTERS = 200;

/** What a matrix is read from. */
export interface MatrixTask {
  /** The experiment, tidied. */
  readonly value: PlainMap;
  /** Its seed. */
  readonly seed: number;
  /** What the stages' types are. */
  readonly catalogue: Catalogue;
  /** The cells that are asked for on the command line, each as `axis=label`. */
  readonly cells: readonly string[];
  /** The values that are set on the command line, each as `path=value`. */
  readonly set: readonly string[];
  /** Reports something wrong in the file. */
  readonly complain: Complain;
  /** Reports something wrong on the command line, by the option. */
  readonly refuse: (option: string, message: string) => void;
}

/** The stages of an experiment in all cells. */
export interface ExpandedExperiment {
  /** Its stages. */
  readonly expansion: Expansion;
  /** The axes with all values that occur; none without a matrix. */
  readonly axes: readonly Axis[];
  /** Absent without a matrix. */
  readonly summary?: MatrixSummary;
}

const NO_GRID: Grid = { axes: [], cells: [[]] };
const NO_REACH: Reach = { direct: new Map(), all: new Map(), gathering: new Set() };

/** How many stages there are at most. */
function mostStages({ axes, cells }: Grid, { all }: Reach): number {
  let sum = 0;
  for (const reaching of all.values()) {
    const product = reaching.reduce((product, i) => product * axes[i]!.values.length, 1);
    sum += Math.min(cells.length, product);
  }
  return sum;
}

function summaryOf({ axes, cells }: Grid): MatrixSummary {
  return {
    axes: axes.map(({ name, values }, i) => {
      const used = new Set(cells.map((cell) => cell[i]!.label));
      return { name, labels: values.map(({ label }) => label).filter((label) => used.has(label)) };
    }),
    cells: cells.length,
  };
}

/** The grid, its axes' reach, and complaints about axes that reach nothing or too much. */
function readGrid(task: MatrixTask, matrix: PlainMap, axes: PlainMap): [Grid, Reach] | undefined {
  const { value, complain, catalogue } = task;
  const own = isPlainMap(value.stages) ? value.stages : {};
  const variants = isPlainMap(value.variants) ? value.variants : {};
  const added = Object.values(axes).flatMap((axis) => {
    const cases = isPlainMap(axis) && isPlainMap(axis.cases) ? Object.values(axis.cases) : [];
    const named = Array.isArray(axis) ? axis.map((name) => variants[String(name)]) : [];
    return [...cases, ...named].flatMap((change) =>
      isPlainMap(change) && isPlainMap(change.stages) ? Object.keys(change.stages) : []
    );
  });
  const stages = new Set([...Object.keys(own), ...added]);
  const read = readAxes({ axes, stages, variants, complain });
  const refuse = (only: string, message: string) => task.refuse(`${CELL_PREFIX}${only}`, message);
  // The rest would be complained about for want of an axis that is wrong in itself.
  if (read.length < Object.keys(axes).length) return undefined;
  const grid = gridOf({ matrix, axes: read, only: task.cells, complain, refuse });
  if (grid === undefined) return undefined;
  checkConflicts(grid.axes, task.set, complain, task.refuse);
  const reach = reachOf({ axes: grid.axes, stages: allStages(own, grid.axes), catalogue });
  const reaching = new Set([...reach.all.values()].flat());
  grid.axes.forEach(({ name, values }, i) => {
    if (reaching.has(i)) return;
    const seeds = values.some(({ changes }) => changes.some(({ kind }) => kind === "seed"));
    complain(
      ["matrix", "axes", name],
      seeds
        ? `axis ${name} reaches no stage: none takes the experiment's seed (those that have a ` +
          "parameter seed and do not give it)"
        : `axis ${name} reaches no stage: none of its values changes one`,
      true,
    );
  });
  const most = mostStages(grid, reach);
  if (most > MOST_STAGES) {
    complain(
      ["matrix"],
      `the matrix makes up to ${most.toLocaleString("en")} stages of ${reach.all.size} (in ` +
        `${grid.cells.length.toLocaleString("en")} cells); expected at most ` +
        `${MOST_STAGES.toLocaleString("en")}`,
      true,
    );
    return undefined;
  }
  return [grid, reach];
}

/**
 * Expands the stages of an experiment by its matrix.
 *
 * @param task The experiment and how to complain.
 * @returns The stages in all cells; where the matrix is wrong, those of the file alone.
 */
export function expandMatrix(task: MatrixTask): ExpandedExperiment {
  const { value, seed } = task;
  const own = isPlainMap(value.stages) ? value.stages : {};
  const { matrix } = value;
  const axes = isPlainMap(matrix) && isPlainMap(matrix.axes) ? matrix.axes : {};
  const plain = (): ExpandedExperiment => ({
    axes: [],
    expansion: new Expansion({ grid: NO_GRID, reach: NO_REACH, stages: allStages(own, []), seed }),
  });
  if (!isPlainMap(matrix) || Object.keys(axes).length === 0) {
    if (isPlainMap(matrix) && matrix.axes === undefined) {
      task.complain(["matrix"], "the matrix has no axes; expected axes: {NAME: ...}", true);
    }
    for (const only of task.cells) {
      task.refuse(`${CELL_PREFIX}${only}`, "this experiment has no matrix, so it has no cells");
    }
    return plain();
  }
  const found = readGrid(task, matrix, axes);
  if (found === undefined) return plain();
  const [grid, reach] = found;
  const expansion = new Expansion({ grid, reach, stages: allStages(own, grid.axes), seed });
  for (const { id, base, values } of expansion.stages) {
    if (id.length <= MOST_LETTERS) continue;
    task.complain(
      ["matrix", "axes", values[0]!.axis],
      `the name ${base}@... of a stage in a cell would have ${id.length} letters; expected at most ` +
        `${MOST_LETTERS}: give shorter labels (values: {LABEL: VALUE, ...})`,
      true,
    );
    break;
  }
  return { expansion, axes: grid.axes, summary: summaryOf(grid) };
}
