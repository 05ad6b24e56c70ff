/**
 * An experiment file, from YAML to a checked value: every name known, every parameter valid, every
 * input bound to something of its type. Whatever is wrong is reported together, each with its place.
 *
 * @module
 */
import { resolve } from "node:path";
import { type Complaint, ExperimentError } from "./experiment_error.ts";
import { bindInputs } from "./experiment_inputs.ts";
import { experimentName, type LayerOptions, readLayers } from "./experiment_layers.ts";
import { type ExperimentForm, experimentSchema, STAGE_ID } from "./experiment_schema.ts";
import type { Environment } from "./external_path.ts";
import { shown, valueAt, wordIssues } from "./issue_wording.ts";
import { isPlainMap, type Layers, type PlainMap } from "./layers.ts";
import type { PlanError } from "./plan_error.ts";
import type { Catalogue, StageDefinition } from "./stage.ts";
import { didYouMean, listed } from "./suggest.ts";
import type { Expectation, Experiment, StageInstance } from "./types.ts";
import type { Step } from "./yaml_source.ts";

/** What an experiment is read with. */
export interface LoadOptions extends LayerOptions {
  readonly catalogue: Catalogue;
  /** Where `${NAME}` in a path is looked up; the environment by default. */
  readonly env?: Environment | undefined;
}

/** Keys beginning so hold anchors for use elsewhere in the file; they mean nothing by themselves. */
const SCRATCH_KEY = "x-";

/** Takes off what may be written but says nothing: empty sections and `x-` keys. */
function tidied(value: unknown): PlainMap {
  const map = isPlainMap(value) ? value : {};
  const filled = (inner: unknown): unknown =>
    isPlainMap(inner)
      ? Object.fromEntries(Object.entries(inner).filter(([key, v]) => !isEmptySection(key, v)))
      : inner;
  const stages = isPlainMap(map.stages)
    ? Object.fromEntries(Object.entries(map.stages).map(([id, stage]) => [id, filled(stage)]))
    : map.stages;
  const kept = Object.entries(map).filter(([key, v]) =>
    !key.startsWith(SCRATCH_KEY) && !isEmptySection(key, v)
  );
  return Object.fromEntries(kept.map(([key, v]) => [key, key === "stages" ? stages : v]));
}

function isEmptySection(key: string, value: unknown): boolean {
  return value === null && ["params", "inputs", "expect", "variants", "extends"].includes(key);
}

/** Checks one file's meaning and collects what is wrong. */
class Checker {
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

/** The complaints of the form, and which stages and expectations are sound enough to go on with. */
function checkForm(checker: Checker, value: PlainMap): ExperimentForm | undefined {
  const parsed = experimentSchema.safeParse(value);
  if (parsed.success) {
    if (Object.keys(parsed.data.stages).length === 0) {
      checker.complain(["stages"], "stages: expected at least one stage, found none");
    }
    return parsed.data;
  }
  for (const issue of wordIssues(experimentSchema, value, parsed.error.issues)) {
    const [section, name, part] = issue.path;
    const binding = section === "stages" && part === "inputs" && issue.path.length === 4;
    const path = binding ? [...issue.path, "path"] : [];
    const given = binding ? valueAt(value, path) : undefined;
    if (given !== undefined && typeof given !== "string") {
      checker.complain(path, `${issue.path[3]}: path: expected a text, found ${shown(given)}`);
      continue;
    }
    const message = binding
      ? `${issue.path[3]}: expected stage.output such as "normalize.clips", or {path: ...}, ` +
        `found ${shown(valueAt(value, issue.path))}`
      : part === "uses" && valueAt(value, issue.path) === undefined
      ? `stage ${JSON.stringify(name)} does not say its type; add uses: TYPE`
      : issue.message;
    checker.complain(issue.path, message, issue.key);
  }
  return undefined;
}

/**
 * Reads an experiment file: YAML with anchors and merge keys, `extends`, a variant, values from the
 * command line, `${NAME}` in paths; then checks all of it.
 *
 * @param file The experiment file.
 * @param options The catalogue of stages, variant, values, environment.
 * @returns The experiment, its parameters complete with defaults and seeds.
 * @throws {ExperimentError} With everything that is wrong, each with file, line and column.
 */
export function loadExperiment(file: string, options: LoadOptions): Experiment {
  const layers = readLayers(file, options);
  const value = tidied(layers.value);
  const checker = new Checker(layers);
  const form = checkForm(checker, value);

  const seed = form?.seed ?? (typeof value.seed === "number" ? value.seed : 1);
  const rawStages = isPlainMap(value.stages) ? value.stages : {};
  const checked = new Map<string, { definition: StageDefinition; params: PlainMap }>();
  for (const [id, stage] of Object.entries(rawStages)) {
    if (!isPlainMap(stage)) continue;
    const found = checker.stage(id, stage, options.catalogue, seed);
    if (found !== undefined) checked.set(id, found);
  }

  const bindings = bindInputs({
    file: (path) => layers.locate(path).file,
    rawStages,
    checked: new Map([...checked].map(([id, { definition }]) => [id, definition])),
    env: options.env ?? ((name) => Deno.env.get(name)),
    complain: (path, message, key) => checker.complain(path, message, key),
  });

  const ids = Object.keys(rawStages);
  const expect = Object.entries(isPlainMap(value.expect) ? value.expect : {})
    .map(([name, bounds]) =>
      isPlainMap(bounds) ? checker.expectation(name, bounds, ids) : undefined
    )
    .filter((expectation) => expectation !== undefined);

  if (checker.complaints.length > 0) throw new ExperimentError(checker.complaints);
  const stages: StageInstance[] = [...checked].map(([id, { definition, params }]) => ({
    id,
    definition,
    params,
    inputs: bindings.get(id) ?? {},
  }));
  return {
    name: experimentName(value, options.variant),
    file: resolve(file),
    seed,
    stages,
    expect,
    locate: (path) => layers.locate(path),
  };
}

/**
 * What a plan found wrong, as an error that shows the lines of the experiment file.
 *
 * @param error The plan's error.
 * @param experiment The experiment that was planned.
 */
export function withPlaces(error: PlanError, experiment: Experiment): ExperimentError {
  return new ExperimentError(
    error.problems.map(({ path, message }) => ({ position: experiment.locate(path), message })),
  );
}
