/** The experiment files of the project, for tests: where they are, how they open, and loaded. */
import { loadExperiment } from "../../../pipeline/experiment.ts";
import type { Experiment } from "../../../pipeline/types.ts";
import { catalogue } from "../../../stages/mod.ts";

const folder = new URL("../../../experiments/", import.meta.url);

/** Folders whose files are a protocol of the paper on one of its data sets. */
export const PAPER_FOLDERS = [
  "paper",
  "ntu60",
  "ntu120",
  "pku",
  "three_stream",
  "semi_supervised",
  "finetune",
  "transfer",
] as const;

/** An experiment file of the project. */
export interface ExperimentFile {
  /** Its path from the repository's root. */
  readonly path: string;
  /** The name that its path stands for: `ntu60/xsub_joint`. */
  readonly name: string;
  /** The folder below `experiments/`; empty for those that lie in it. */
  readonly folder: string;
  readonly text: string;
  /** The comment that it opens with, in one line, without its `#` signs. */
  readonly opening: string;
}

function walk(at: URL): readonly URL[] {
  return [...Deno.readDirSync(at)].flatMap((entry) =>
    entry.isDirectory
      ? walk(new URL(`${entry.name}/`, at))
      : entry.name.endsWith(".yaml")
      ? [new URL(entry.name, at)]
      : []
  );
}

/** All experiment files, sorted by path. */
export function experimentFiles(): readonly ExperimentFile[] {
  return walk(folder).map((url) => {
    const name = url.pathname.slice(folder.pathname.length).replace(/\.yaml$/, "");
    const text = Deno.readTextFileSync(url);
    const lines = text.split("\n");
    const end = lines.findIndex((line) => !line.startsWith("#"));
    const opening = lines.slice(0, end).map((line) => line.slice(2)).join(" ");
    const parent = name.includes("/") ? name.slice(0, name.indexOf("/")) : "";
    return { path: `experiments/${name}.yaml`, name, folder: parent, text, opening };
  }).sort((a, b) => a.path < b.path ? -1 : 1);
}

/** Those that are a protocol of the paper. */
export function paperFiles(): readonly ExperimentFile[] {
  const folders: readonly string[] = PAPER_FOLDERS;
  return experimentFiles().filter((file) => folders.includes(file.folder));
}

/** A folder that stands for every data set, one for each variable that is asked for. */
export class MadeUpData implements Disposable {
  readonly root: string = Deno.makeTempDirSync({ prefix: "skelrun-experiments-" });
  /** The variables that were asked for; whoever counts them clears them first. */
  readonly asked = new Set<string>();
  readonly #made = new Set<string>();

  /** Looks a variable of the environment up: a folder of its name with files enough for a batch. */
  readonly env = (name: string): string => {
    const path = `${this.root}/${name}`;
    this.asked.add(name);
    if (this.#made.has(name)) return path;
    this.#made.add(name);
    Deno.mkdirSync(path);
    for (let i = 0; i < 128; i++) Deno.writeTextFileSync(`${path}/${i}.skeleton`, "");
    return path;
  };

  /** Loads an experiment file as if all data were there. */
  load(file: ExperimentFile, variant?: string): Experiment {
    const path = new URL(`../${file.path}`, folder).pathname;
    return loadExperiment(path, { catalogue, variant, env: this.env });
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.root, { recursive: true });
  }
}
