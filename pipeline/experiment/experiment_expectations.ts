/**
 * What an experiment's author expects of its results, stage by stage in every cell.
 *
 * @module
 */
import type { ExperimentChecker } from "./experiment_checker.ts";
import { isPlainMap, type PlainMap } from "./layers.ts";
import type { Axis, AxisValue } from "../matrix/matrix.ts";
import type { ExpandedStage, Expansion } from "../matrix/matrix_expansion.ts";
import type { Step } from "./source.ts";
import { didYouMean, listed } from "../suggest.ts";
import type { Expectation } from "../types.ts";

/** A name such as `linear.top1`, taken apart. */
interface Target {
  readonly stages: readonly ExpandedStage[];
  readonly metric: string;
}

class ExpectationReader {
  readonly #expansion: Expansion;
  readonly #checker: ExperimentChecker;
  /** By stage and metric: those of a cell stand for those of the file. */
  readonly #found = new Map<string, Expectation>();

  constructor(expansion: Expansion, checker: ExperimentChecker) {
    this.#expansion = expansion;
    this.#checker = checker;
  }

  get found(): readonly Expectation[] {
    return [...this.#found.values()];
  }

  /** Reads a section, for the stages in cells of one value or for all. */
  read(section: unknown, at: readonly Step[], value?: AxisValue): void {
    for (const [name, bounds] of Object.entries(isPlainMap(section) ? section : {})) {
      const path = [...at, name];
      const target = isPlainMap(bounds) || bounds === null ? this.#target(name, path) : undefined;
      if (target === undefined) continue;
      const { axis } = value ?? {};
      const reached = axis === undefined
        ? target.stages
        : target.stages.filter(({ values }) => values.some((own) => own.axis === axis));
      if (reached.length === 0) {
        this.#checker.complain(
          path,
          `axis ${axis} does not reach ${name.slice(0, -target.metric.length - 1)}, so it is ` +
            "the same in all cells; expect it at the top of the file",
          true,
        );
        continue;
      }
      // None is left where other cells are chosen.
      const stages = reached.filter(({ values }) => value === undefined || values.includes(value));
      this.#add(stages, target.metric, bounds, path, name);
    }
  }

  #add(
    stages: readonly ExpandedStage[],
    metric: string,
    bounds: unknown,
    path: readonly Step[],
    name: string,
  ): void {
    const limits = isPlainMap(bounds) ? this.#checker.bounds(path, name, bounds) : undefined;
    for (const { id } of stages) {
      const key = JSON.stringify([id, metric]);
      if (limits === undefined) this.#found.delete(key);
      else this.#found.set(key, { stage: id, metric, ...limits });
    }
  }

  /** The stages of a name and the metric; the longest stage counts, since labels may hold dots. */
  #target(name: string, path: readonly Step[]): Target | undefined {
    for (let dot = name.lastIndexOf("."); dot > 0; dot = name.lastIndexOf(".", dot - 1)) {
      const stage = name.slice(0, dot);
      const one = this.#expansion.get(stage);
      const stages = one === undefined ? this.#expansion.cellsOf(stage) : [one];
      if (stages.length > 0 && dot < name.length - 1) {
        return { stages, metric: name.slice(dot + 1) };
      }
    }
    const dot = name.indexOf(".");
    const stage = name.slice(0, dot);
    // It exists in cells that are not in use.
    if (this.#expansion.names.has(stage.split("@", 1)[0]!)) return undefined;
    const known = [...this.#expansion.names];
    this.#checker.complain(
      path,
      dot <= 0 || dot === name.length - 1
        ? `expected stage.metric such as "linear.top1", found ${JSON.stringify(name)}`
        : `there is no stage ${JSON.stringify(stage)} in this experiment${
          didYouMean(stage, known) || "."
        } The stages here: ${listed(known)}`,
      true,
    );
    return undefined;
  }
}

/**
 * Reads what is expected: by the file, and by the values of axes in their cells.
 *
 * @param value The experiment, tidied.
 * @param axes The axes of its matrix.
 * @param expansion Its stages.
 * @param checker Collects what is wrong.
 * @returns One for each metric of each stage in a cell, in the order of the file.
 */
export function readExpectations(
  value: PlainMap,
  axes: readonly Axis[],
  expansion: Expansion,
  checker: ExperimentChecker,
): readonly Expectation[] {
  const reader = new ExpectationReader(expansion, checker);
  reader.read(value.expect, ["expect"]);
  for (const axisValue of axes.flatMap(({ values }) => values)) {
    for (const change of axisValue.changes) {
      if (change.kind !== "overlay") continue;
      reader.read(change.value.expect, [...axisValue.at, "expect"], axisValue);
    }
  }
  return reader.found;
}
