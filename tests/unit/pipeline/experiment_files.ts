/** Experiment files in a folder of their own, for tests. */
import { ExperimentError, placeOf } from "../../../pipeline/experiment/experiment_error.ts";
import { loadExperiment, type LoadOptions } from "../../../pipeline/experiment.ts";
import type { Experiment } from "../../../pipeline/types.ts";
import { toyCatalogue } from "./toy_catalogue.ts";

/** Files by name; loads one of them. */
export class ExperimentFiles implements Disposable {
  readonly folder: string = Deno.makeTempDirSync({ prefix: "skelrun-test-" });

  constructor(files: Readonly<Record<string, string>>) {
    for (const [name, text] of Object.entries(files)) {
      const path = `${this.folder}/${name}`;
      Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
      Deno.writeTextFileSync(path, text);
    }
  }

  load(name = "main.yaml", options: Partial<LoadOptions> = {}): Experiment {
    return loadExperiment(`${this.folder}/${name}`, {
      catalogue: toyCatalogue,
      env: () => undefined,
      ...options,
    });
  }

  /** The complaints of a file that must not load, as `place: message` without the folder. */
  complaints(name = "main.yaml", options: Partial<LoadOptions> = {}): readonly string[] {
    return this.error(name, options).complaints.map(({ position, message }) =>
      `${placeOf(position)}: ${message}`.replaceAll(`${this.folder}/`, "")
    );
  }

  /** The error of a file that must not load. */
  error(name = "main.yaml", options: Partial<LoadOptions> = {}): ExperimentError {
    try {
      this.load(name, options);
    } catch (error) {
      if (error instanceof ExperimentError) return error;
      throw error;
    }
    throw new Error(`${name} was expected to be refused, and was loaded`);
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.folder, { recursive: true });
  }
}
