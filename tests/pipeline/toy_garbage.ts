/**
 * What tests of the store's care share: experiment files of toy stages, runs of them, collections.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { loadExperiment } from "../../pipeline/experiment.ts";
import { inline } from "../../pipeline/executors/inline.ts";
import { collectGarbage, type GcOptions, type GcSummary } from "../../pipeline/gc/gc.ts";
import { type Reason } from "../../pipeline/gc/gc_plan.ts";
import { checkIntegrity } from "../../pipeline/store/integrity.ts";
import { openStore, type Store } from "../../pipeline/store/store.ts";
import type { RunOptions } from "../../pipeline/run.ts";
import { runToy, toyStages, withFolder } from "./toy_stages.ts";

/** A folder with a store and experiment files of toy stages. */
export class ToyGarden {
  readonly store: Store;
  readonly folder: string;

  constructor(store: Store, folder: string) {
    this.store = store;
    this.folder = folder;
  }

  /** The folder of the experiment files. */
  get experiments(): string {
    return `${this.folder}/experiments`;
  }

  /** Writes an experiment file. */
  async write(name: string, text: string): Promise<string> {
    await Deno.mkdir(this.experiments, { recursive: true });
    const file = `${this.experiments}/${name}.yaml`;
    await Deno.writeTextFile(file, text);
    return file;
  }

  /** Runs an experiment file in this process and gives each stage's status. */
  async run(name: string, options: Partial<RunOptions> & { variant?: string } = {}) {
    const { variant, ...rest } = options;
    const file = `${this.experiments}/${name}.yaml`;
    const experiment = loadExperiment(file, { catalogue: toyStages(), variant });
    return await runToy(experiment, { store: this.store, executor: inline, ...rest });
  }

  /** Collects, by default for all experiment files and no run. */
  async collect(options: Partial<GcOptions> = {}): Promise<GcSummary> {
    return await collectGarbage({
      store: this.store,
      catalogue: toyStages(),
      files: await this.files(),
      last: 0,
      intermediates: false,
      delete: true,
      ...options,
    });
  }

  /** All experiment files. */
  async files(): Promise<string[]> {
    const entries = await Array.fromAsync(Deno.readDir(this.experiments)).catch(() => []);
    return entries.map(({ name }) => `${this.experiments}/${name}`).sort();
  }

  /** Fails if anything in the store is not what it says. */
  async assertSound(): Promise<void> {
    assertEquals((await checkIntegrity(this.store)).damaged, []);
  }
}

/** Calls back with a new garden. */
export function withGarden(use: (garden: ToyGarden) => Promise<void>): Promise<void> {
  return withFolder(async (folder) =>
    await use(new ToyGarden(await openStore(`${folder}/store`), folder))
  );
}

/** How many go for each reason. */
export function counts({ going }: GcSummary): Partial<Record<Reason, number>> {
  return Object.fromEntries(going.map(({ reason, count }) => [reason, count]));
}

/** All files under a folder with their sizes, but for caches of this machine and locks. */
export function listing(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    if (name === "local" || name === ".takeover") return [];
    return isDirectory ? listing(path) : [`${path} ${Deno.lstatSync(path).size}`];
  }).sort();
}
