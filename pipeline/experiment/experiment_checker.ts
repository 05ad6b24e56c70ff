/**
 * Checks the parts of an experiment against the catalogue and collects what is wrong, each with its
 * place.
 *
 * @module
 */
import type { Complaint } from "./experiment_error.ts";
import { STAGE_ID } from "./experiment_schema.ts";
import { wordIssues } from "./issue_wording.ts";
import { isPlainMap, type Layers, type PlainMap } from "./layers.ts";
import { cellText } from "../matrix/matrix.ts";
import type { ExpandedStage, Expansion } from "../matrix/matrix_expansion.ts";
import type { Step } from "./source.ts";
import type { Catalogue, StageDefinition } from "../stage.ts";
import { didYouMean, listed } from "../suggest.ts";
import type { Expectation } from "../types.ts";

/** What is known of a stage that was checked. */
export interface CheckedStage {
  /** What its type is. */
  readonly definition: StageDefinition;
  /** After defaults; empty where they are wrong. */
  readonly params: PlainMap;
}

/** A complaint, and the stages in cells that it is about. */
interface Told {
  readonly complaint: Complaint;
  readonly stages: ExpandedStage[];
}

/** Checks one experiment's meaning. */
export class ExperimentChecker {
  readonly #layers: Layers;
  readonly #told = new Map<string, Told>();
  #expansion: Expansion | undefined;

  /**
   * Begins with nothing to complain about.
   *
   * @param layers The experiment, for the places of what is wrong.
   */
  constructor(layers: Layers) {
    this.#layers = layers;
  }

  /** All that was reported. */
  get complaints(): readonly Complaint[] {
    return [...this.#told.values()].map(({ complaint, stages }) => ({
      ...complaint,
      message: `${complaint.message}${this.#cellsInWords(stages)}`,
    }));
  }

  /** From now on stages in cells are found where the file has them, or the entry of the matrix. */
  expand(expansion: Expansion): void {
    this.#expansion = expansion;
  }

  /** Reports something wrong; what is wrong in many cells is reported once. */
  complain(path: readonly Step[], message: string, key = false): void {
    const origin = this.#expansion?.origin(path, key) ?? { path, key };
    const text = JSON.stringify([origin.path, message]);
    let told = this.#told.get(text);
    if (told === undefined) {
      const position = this.#layers.locate(origin.path, origin.key);
      told = { complaint: { position, message }, stages: [] };
      this.#told.set(text, told);
    }
    const stage = path[0] === "stages" ? this.#expansion?.get(String(path[1])) : undefined;
    if (stage !== undefined && origin.path[0] === "stages") told.stages.push(stage);
  }

  /** Says in which cells a stage of the file is wrong, where it is not in all of them. */
  #cellsInWords(stages: readonly ExpandedStage[]): string {
    const [first] = stages;
    const all = first === undefined ? 0 : this.#expansion!.cellsOf(first.base).length;
    const some = new Set(stages).size;
    if (first === undefined || some >= all) return "";
    return ` (in ${some} of ${all} cells: ${cellText(first.values)}${some > 1 ? ", ..." : ""})`;
  }

  /** Reports something wrong with an option of the command line. */
  refuse(option: string, message: string): void {
    const position = { file: option, line: 1, column: 1 };
    this.#told.set(JSON.stringify([option, message]), {
      complaint: { position, message },
      stages: [],
    });
  }

  /** A stage's definition and checked parameters; `undefined` where its type is unknown. */
  stage(
    { id, base, seed }: Pick<ExpandedStage, "id" | "base" | "seed">,
    stage: PlainMap,
    catalogue: Catalogue,
  ): CheckedStage | undefined {
    if (!STAGE_ID.test(base)) {
      this.complain(
        ["stages", id],
        `expected a stage name of letters, digits, "_" and "-", found ${JSON.stringify(base)}`,
        true,
      );
    }
    const { uses } = stage;
    if (typeof uses !== "string") return undefined;
    const definition = Object.hasOwn(catalogue, uses) ? catalogue[uses] : undefined;
    if (definition === undefined) {
      const known = Object.keys(catalogue);
      this.complain(
        ["stages", id, "uses"],
        `there is no stage type ${JSON.stringify(uses)}${
          didYouMean(uses, known) || "."
        } The types are: ${listed(known)}`,
      );
      return undefined;
    }
    const given = stage.params === undefined ? {} : stage.params;
    if (!isPlainMap(given)) return { definition, params: {} };
    const takesSeed = Object.hasOwn(definition.params.shape, "seed") &&
      !Object.hasOwn(given, "seed");
    const params = takesSeed ? { ...given, seed } : given;
    const parsed = definition.params.safeParse(params);
    if (parsed.success) return { definition, params: parsed.data as PlainMap };
    for (const issue of wordIssues(definition.params, params, parsed.error.issues, "parameter")) {
      this.complain(["stages", id, "params", ...issue.path], issue.message, issue.key);
    }
    return { definition, params: {} };
  }

  /** Bounds of a metric; complains where they cannot be met. */
  bounds(path: readonly Step[], name: string, bounds: PlainMap): Pick<Expectation, "min" | "max"> {
    const { min, max } = bounds as { min?: number; max?: number };
    if (Object.keys(bounds).length === 0) {
      this.complain(path, `${name}: expected min, max or both, found neither`, true);
    } else if (min !== undefined && max !== undefined && min > max) {
      this.complain([...path, "min"], `min: expected at most max (${max}), found ${min}`);
    }
    return { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
  }
}
