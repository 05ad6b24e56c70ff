/**
 * An experiment file, from YAML to a checked value: every name known, every parameter valid, every
 * input bound to something of its type. Whatever is wrong is reported together, each with its place.
 *
 * @module
 */
import { resolve } from "node:path";
import { type CheckedStage, ExperimentChecker } from "./experiment_checker.ts";
import { ExperimentError } from "./experiment_error.ts";
import { readExpectations } from "./experiment_expectations.ts";
import { checkForm, checkStageForm, tidied } from "./experiment_form.ts";
import { bindInputs } from "./experiment_inputs.ts";
import { experimentName, type LayerOptions, readLayers } from "./experiment_layers.ts";
import type { Environment } from "./external_path.ts";
import { isPlainMap } from "./layers.ts";
import type { ExpandedStage } from "../matrix/matrix_expansion.ts";
import { expandMatrix } from "../matrix/matrix_reading.ts";
import type { SourceReader } from "./source.ts";
import type { Catalogue } from "../stage.ts";
import type { Experiment, StageInstance } from "../types.ts";

/** What an experiment is read with. */
export interface LoadOptions extends LayerOptions {
  /** The stages that it may use. */
  readonly catalogue: Catalogue;
  /** Where `${NAME}` in a path is looked up; the environment by default. */
  readonly env?: Environment | undefined;
  /** Cells of the matrix, each as `axis=label`; all where none is named. */
  readonly cells?: readonly string[] | undefined;
  /** A folder of this machine's where values of long files may be kept. */
  readonly cacheFolder?: string | undefined;
}

/**
 * Reads an experiment file: YAML with anchors and merge keys, `extends`, a variant, values from the
 * command line, `${NAME}` in paths; then checks all of it.
 *
 * @param file The experiment file.
 * @param options The catalogue of stages, variant, values, environment.
 * @param read Reads a text.
 * @returns The experiment, its parameters complete with defaults and seeds.
 * @throws {ExperimentError} With everything that is wrong, each with file, line and column.
 * @throws {PlacesNeeded} If anything is wrong and the reader knows no places.
 */
export function readExperiment(
  file: string,
  options: LoadOptions,
  read: SourceReader,
): Experiment {
  const layers = readLayers(file, options, read);
  const value = tidied(layers.value);
  const checker = new ExperimentChecker(layers);
  const form = checkForm(checker, value);
  const seed = form?.seed ?? (typeof value.seed === "number" ? value.seed : 1);
  const complain = checker.complain.bind(checker);
  const { expansion, axes, summary } = expandMatrix({
    value,
    seed,
    catalogue: options.catalogue,
    cells: options.cells ?? [],
    set: options.set ?? [],
    complain,
    refuse: (option, message) => checker.refuse(option, message),
  });
  checker.expand(expansion);

  const checked = new Map<ExpandedStage, CheckedStage>();
  for (const stage of expansion.stages) {
    const { id, base, raw } = stage;
    const sound = checkStageForm(checker, id, base, raw);
    if (!sound && !isPlainMap(raw)) continue;
    const found = checker.stage(stage, raw, options.catalogue);
    if (found !== undefined) checked.set(stage, found);
  }
  const bindings = bindInputs({
    file: (path) => layers.fileOf(expansion.origin(path).path),
    expansion,
    checked,
    env: options.env ?? ((name) => Deno.env.get(name)),
    complain,
  });
  const expect = readExpectations(value, axes, expansion, checker);

  if (checker.complaints.length > 0) throw new ExperimentError(checker.complaints);
  const stages = [...checked].map(([stage, { definition, params }]): StageInstance => ({
    id: stage.id,
    definition,
    params,
    inputs: bindings.get(stage.id) ?? {},
    ...(stage.values.length === 0 ? {} : {
      base: stage.base,
      cell: Object.fromEntries(stage.values.map(({ axis, label }) => [axis, label])),
    }),
  }));
  return {
    name: experimentName(value, options.variant),
    file: resolve(file),
    seed,
    stages,
    expect,
    ...(summary === undefined ? {} : { matrix: summary }),
    locate: (path) => layers.locate(expansion.origin(path).path),
  };
}
