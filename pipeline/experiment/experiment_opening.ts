/**
 * Opens an experiment file for the command line: as `loadExperiment()` does, but the library that knows
 * places is not even loaded where nothing is wrong.
 *
 * @module
 */
import type { ExperimentError } from "./experiment_error.ts";
import { type LoadOptions, readExperiment } from "./experiment_reading.ts";
import type { PlanError } from "../plan_error.ts";
import { quickReader } from "./quick_source.ts";
import { PlacesNeeded } from "./source.ts";
import type { Experiment } from "../types.ts";
import { YamlCache } from "./yaml_cache.ts";

/** What experiments were opened with, by their `locate`: copies of an experiment share it. */
const opened = new WeakMap<Experiment["locate"], { file: string; options: LoadOptions }>();

/**
 * Reads and checks an experiment file.
 *
 * @param file The experiment file.
 * @param options As for `loadExperiment()`.
 * @returns The experiment. Its `locate()` may know no more than the file; {@link placedError} knows more.
 * @throws {ExperimentError} With everything that is wrong, each with file, line and column.
 */
export async function openExperiment(file: string, options: LoadOptions): Promise<Experiment> {
  const { cacheFolder } = options;
  const cache = cacheFolder === undefined ? undefined : new YamlCache(cacheFolder);
  try {
    const locate = () => ({ file, line: 0, column: 0 });
    const experiment = { ...readExperiment(file, options, quickReader(cache)), locate };
    opened.set(locate, { file, options });
    return experiment;
  } catch (error) {
    if (!(error instanceof PlacesNeeded)) throw error;
    const { loadExperiment } = await import("../experiment.ts");
    return loadExperiment(file, options);
  }
}

/**
 * What a plan found wrong, as an error that shows the lines of the experiment file.
 *
 * @param error The plan's error.
 * @param experiment The experiment that was planned.
 */
export async function placedError(
  error: PlanError,
  experiment: Experiment,
): Promise<ExperimentError> {
  const { loadExperiment, withPlaces } = await import("../experiment.ts");
  const origin = opened.get(experiment.locate);
  if (origin === undefined) return withPlaces(error, experiment);
  return withPlaces(error, loadExperiment(origin.file, origin.options));
}
