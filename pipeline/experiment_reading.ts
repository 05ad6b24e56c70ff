/**
 * An experiment file, from YAML to a checked value: every name known, every parameter valid, every
 * input bound to something of its type. Whatever is wrong is reported together, each with its place.
 *
 * @module
 */
import { resolve } from "node:path";
import { ExperimentChecker } from "./experiment_checker.ts";
import { ExperimentError } from "./experiment_error.ts";
import { checkForm, tidied } from "./experiment_form.ts";
import { bindInputs } from "./experiment_inputs.ts";
import { experimentName, type LayerOptions, readLayers } from "./experiment_layers.ts";
import type { Environment } from "./external_path.ts";
import { isPlainMap, type PlainMap } from "./layers.ts";
import type { SourceReader } from "./source.ts";
import type { Catalogue, StageDefinition } from "./stage.ts";
import type { Experiment, StageInstance } from "./types.ts";

/** What an experiment is read with. */
export interface LoadOptions extends LayerOptions {
  readonly catalogue: Catalogue;
  /** Where `${NAME}` in a path is looked up; the environment by default. */
  readonly env?: Environment | undefined;
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
  const rawStages = isPlainMap(value.stages) ? value.stages : {};
  const checked = new Map<string, { definition: StageDefinition; params: PlainMap }>();
  for (const [id, stage] of Object.entries(rawStages)) {
    if (!isPlainMap(stage)) continue;
    const found = checker.stage(id, stage, options.catalogue, seed);
    if (found !== undefined) checked.set(id, found);
  }

  const bindings = bindInputs({
    file: (path) => layers.fileOf(path),
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
