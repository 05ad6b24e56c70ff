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
import type { Step } from "./source.ts";
import type { Catalogue, StageDefinition } from "./stage.ts";
import { didYouMean, listed } from "./suggest.ts";
import type { Expectation } from "./types.ts";

/** Checks one experiment's meaning. */
export class ExperimentChecker {
  readonly complaints: Complaint[] = [];
  readonly #layers: Layers;

  constructor(layers: Layers) {
    this.#layers = layers;
  }

  complain(path: readonly Step[], message: string, key = false): void {
    this.complaints.push({ position: this.#layers.locate(path, key), message });
  }

  /** A stage's definition and checked parameters; `undefined` where its type is unknown. */
  stage(
    id: string,
    stage: PlainMap,
    catalogue: Catalogue,
    seed: number,
  ): { definition: StageDefinition; params: PlainMap } | undefined {
    if (!STAGE_ID.test(id)) {
      this.complain(
        ["stages", id],
        `expected a stage name of letters, digits, "_" and "-", found ${JSON.stringify(id)}`,
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

  expectation(name: string, bounds: PlainMap, ids: readonly string[]): Expectation | undefined {
    const dot = name.indexOf(".");
    if (dot <= 0 || dot === name.length - 1) {
      this.complain(
        ["expect", name],
        `expected stage.metric such as "linear.top1", found ${JSON.stringify(name)}`,
        true,
      );
      return undefined;
    }
    const stage = name.slice(0, dot);
    if (!ids.includes(stage)) {
      this.complain(
        ["expect", name],
        `there is no stage ${JSON.stringify(stage)} in this experiment${
          didYouMean(stage, ids) || "."
        } The stages here: ${listed(ids)}`,
        true,
      );
      return undefined;
    }
    const { min, max } = bounds as { min?: number; max?: number };
    if (Object.keys(bounds).length === 0) {
      this.complain(["expect", name], `${name}: expected min, max or both, found neither`, true);
    } else if (min !== undefined && max !== undefined && min > max) {
      this.complain(["expect", name, "min"], `min: expected at most max (${max}), found ${min}`);
    }
    return {
      stage,
      metric: name.slice(dot + 1),
      ...(min === undefined ? {} : { min }),
      ...(max === undefined ? {} : { max }),
    };
  }
}
