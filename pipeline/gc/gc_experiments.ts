/**
 * The experiment files that a collection keeps results for: each with its base and all its variants.
 *
 * A file that cannot be planned (a variable is not set, a data folder is not mounted) is no reason to
 * lose what it computed: all that the store knows of an experiment of that name is kept, whole. One
 * whose name cannot even be read stops a collection, since nobody knows what is its.
 *
 * @module
 */
import { backendOf, BACKENDS } from "../device.ts";
import { ExperimentError, placeOf } from "../experiment/experiment_error.ts";
import { loadExperiment, nameOfExperiment, sketchOf } from "../experiment.ts";
import { type BackendPlanning, experimentRoot, type GcRoot, ResultFinder } from "./gc_roots.ts";
import { PlanError } from "../plan_error.ts";
import { Planning } from "../planning.ts";
import type { Catalogue } from "../stage.ts";
import { knownDevices } from "../store/device_classes.ts";
import type { ActionRecord } from "../store/record.ts";
import type { Store } from "../store/store.ts";
import type { Experiment } from "../types.ts";
import { unreadable } from "../unreadable.ts";
import { UsageError } from "../usage_error.ts";

/** An experiment that cannot be planned as its file stands. */
export interface UnreadableExperiment {
  /** The file, with the variant if it is one. */
  readonly place: string;
  /** The experiment's name; absent if not even that can be read. */
  readonly name?: string;
  /** What is wrong with it. */
  readonly reason: string;
}

/** What the experiment files came to. */
export interface ExperimentRoots {
  /** The experiments that can be planned. */
  readonly roots: readonly GcRoot[];
  /** Those that cannot. */
  readonly unreadable: readonly UnreadableExperiment[];
}

/** How experiments are read and planned. */
export interface ExperimentRootOptions {
  /** The store. */
  readonly store: Store;
  /** All stage types. */
  readonly catalogue: Catalogue;
  /** The folder with the `deno.json` of the stages' code (default: this project's). */
  readonly project?: string | undefined;
  /** The class of this machine's device, if it is known. */
  readonly device?: (() => Promise<string | undefined>) | undefined;
}

/**
 * The experiment files of some files and folders, sorted; folders are searched in depth.
 *
 * @throws {UsageError} If one does not exist, or a folder has none.
 */
export function experimentFiles(places: readonly string[]): string[] {
  const files = new Set<string>();
  for (const place of places) {
    const before = files.size;
    for (const file of filesAt(place)) files.add(file);
    if (files.size === before && Deno.statSync(place).isDirectory) {
      throw new UsageError(`${place} has no experiment file (.yaml)`);
    }
  }
  return [...files].sort();
}

function filesAt(place: string): string[] {
  try {
    if (!Deno.statSync(place).isDirectory) return [place];
    return [...Deno.readDirSync(place)].flatMap(({ name, isFile, isDirectory }) => {
      if (name.startsWith(".")) return [];
      const path = `${place.replace(/\/+$/, "")}/${name}`;
      if (isDirectory) return filesAt(path);
      return isFile && /\.ya?ml$/.test(name) ? [path] : [];
    });
  } catch (error) {
    throw new UsageError(unreadable(place, error).message);
  }
}

/** Reads and plans experiment files. */
export async function experimentRoots(
  files: readonly string[],
  records: Iterable<ActionRecord>,
  options: ExperimentRootOptions,
): Promise<ExperimentRoots> {
  const results = new ResultFinder(records);
  const roots: GcRoot[] = [];
  const failed: UnreadableExperiment[] = [];
  const devices = new Devices(options);
  for (const file of files) {
    let sketch: ReturnType<typeof sketchOf>;
    try {
      sketch = sketchOf(file);
    } catch (error) {
      failed.push({ place: file, reason: inWords(error) });
      continue;
    }
    if (!sketch.isNamed) continue;
    for (const variant of [undefined, ...sketch.variants]) {
      const place = variant === undefined ? file : `${file} (variant ${variant})`;
      try {
        const experiment = loadExperiment(file, { catalogue: options.catalogue, variant });
        roots.push(experimentRoot(place, await devices.plannings(experiment), results));
      } catch (error) {
        failed.push({ place, reason: inWords(error), ...nameOf(file, variant) });
      }
    }
  }
  return { roots, unreadable: failed };
}

function nameOf(file: string, variant: string | undefined): { name?: string } {
  try {
    return { name: nameOfExperiment(file, { variant }) };
  } catch {
    return {};
  }
}

/** The first thing that is wrong. */
function inWords(error: unknown): string {
  if (error instanceof ExperimentError) {
    const [first] = error.complaints;
    if (first) return `${placeOf(first.position)}: ${first.message}`;
  }
  if (error instanceof PlanError && error.problems[0]) return error.problems[0].message;
  return (error as Error).message;
}

/** Plans experiments for all backends, where they have a stage that computes on one. */
class Devices {
  readonly #options: ExperimentRootOptions;
  #classes: Promise<readonly string[]> | undefined;

  constructor(options: ExperimentRootOptions) {
    this.#options = options;
  }

  async plannings(experiment: Experiment): Promise<BackendPlanning[]> {
    const { store, project } = this.#options;
    const computes = experiment.stages.some(({ definition }) =>
      typeof definition.entry !== "string"
    );
    if (!computes) {
      return [{ planning: await Planning.begin(experiment, { store, project }), classes: [] }];
    }
    const known = await (this.#classes ??= this.#read());
    const plannings: BackendPlanning[] = [];
    for (const backend of BACKENDS) {
      const classes = known.filter((name) => backendOf(name) === backend);
      const device = () => Promise.resolve({ backend, class: classes[0] ?? backend });
      const planning = await Planning.begin(experiment, { store, project, device });
      plannings.push({ planning, classes });
    }
    return plannings;
  }

  async #read(): Promise<readonly string[]> {
    const { store, device } = this.#options;
    const own = await device?.();
    return [...new Set(["cpu", ...knownDevices(store), ...(own === undefined ? [] : [own])])];
  }
}
