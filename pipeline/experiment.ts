/**
 * Experiment files: loads one, and says where in it a plan found something wrong.
 *
 * A file is first read for its values alone, which is quick and enough where nothing is wrong. As soon
 * as there is something to say about it, it is read again by the reader that knows places, and what
 * that one finds is what is reported.
 *
 * @module
 */
import { type Complaint, ExperimentError } from "./experiment/experiment_error.ts";
import { experimentName, type LayerOptions, readLayers } from "./experiment/experiment_layers.ts";
import { type LoadOptions, readExperiment } from "./experiment/experiment_reading.ts";
import type { PlanError } from "./plan_error.ts";
import { quickReader } from "./experiment/quick_source.ts";
import { valueAt } from "./experiment/issue_wording.ts";
import { isPlainMap } from "./experiment/layers.ts";
import { PlacesNeeded, type SourceReader } from "./experiment/source.ts";
import type { Experiment } from "./types.ts";
import { YamlCache } from "./experiment/yaml_cache.ts";
import { YamlSource } from "./experiment/yaml_source.ts";

export type { LoadOptions } from "./experiment/experiment_reading.ts";

/** The reader that knows where everything stands. */
const placing: SourceReader = (file, text) => YamlSource.parse(file, text);

/** Does something with the quick reader, and with the other one where that does not do. */
function reading<T>(cacheFolder: string | undefined, work: (read: SourceReader) => T): T {
  try {
    return work(quickReader(cacheFolder === undefined ? undefined : new YamlCache(cacheFolder)));
  } catch (error) {
    if (!(error instanceof PlacesNeeded)) throw error;
    return work(placing);
  }
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
  const experiment = reading(options.cacheFolder, (read) => readExperiment(file, options, read));
  return { ...experiment, locate: locator(file, options, experiment) };
}

/** Finds places in an experiment that may have been read quickly. */
function locator(file: string, options: LoadOptions, experiment: Experiment): Experiment["locate"] {
  let placed = experiment;
  return (path) => {
    try {
      return placed.locate(path);
    } catch (error) {
      if (!(error instanceof PlacesNeeded)) throw error;
    }
    try {
      placed = readExperiment(file, options, placing);
      return placed.locate(path);
    } catch (error) {
      if (!(error instanceof ExperimentError)) throw error;
      // The file was changed since: it is still the one that is meant.
      return { file, line: 0, column: 0 };
    }
  };
}

/**
 * What the experiment of a file is called, without judging what else the file says.
 *
 * @param file The experiment file.
 * @param options The variant.
 * @throws {ExperimentError} If the file cannot be read.
 */
export function nameOfExperiment(file: string, options: LayerOptions): string {
  const layers = reading(undefined, (read) => readLayers(file, options, read));
  return experimentName(layers.value, options.variant);
}

/**
 * What a file says of its experiment at first sight, without judging what else it says: its variants in
 * the order of the file, and whether it has a name. One without is a part that other files extend.
 *
 * @param file The experiment file.
 * @throws {ExperimentError} If the file cannot be read.
 */
export function sketchOf(file: string): { isNamed: boolean; variants: string[] } {
  const { value } = reading(undefined, (read) => readLayers(file, {}, read));
  const variants = valueAt(value, ["variants"]);
  return {
    isNamed: typeof valueAt(value, ["name"]) === "string",
    variants: isPlainMap(variants) ? Object.keys(variants) : [],
  };
}

/**
 * What a plan found wrong, as an error that shows the lines of the experiment file. What is wrong at
 * one place in several cells of a matrix is told once.
 *
 * @param error The plan's error.
 * @param experiment The experiment that was planned.
 */
export function withPlaces(error: PlanError, experiment: Experiment): ExperimentError {
  const bases = new Map(experiment.stages.map(({ id, base = id }) => [id, base]));
  const found = new Map<string, { complaint: Complaint; inAll: string; cells: number }>();
  for (const { path, message } of error.problems) {
    const position = experiment.locate(path);
    const id = String(path[1]);
    const inAll = message.replaceAll(JSON.stringify(id), JSON.stringify(bases.get(id) ?? id));
    const key = JSON.stringify([position, inAll]);
    const cells = (found.get(key)?.cells ?? 0) + 1;
    found.set(key, { complaint: { position, message }, inAll, cells });
  }
  return new ExperimentError(
    [...found.values()].map(({ complaint, inAll, cells }) =>
      cells === 1 ? complaint : { ...complaint, message: `${inAll} (in ${cells} cells)` }
    ),
  );
}
