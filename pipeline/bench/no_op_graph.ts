/**
 * The same graph for three runners: N targets, each made by copying one input file to one output file.
 *
 * `FOLDER/in/I.txt` are the inputs, shared by all three. `experiment.yaml` is ours, with a stage
 * written out for every target; `Snakefile` and `Makefile` use one wildcard rule each, which is what
 * their users write. The peers' outputs are written beforehand; snakemake so has no records of earlier
 * jobs to compare with, which is in its favour.
 *
 * @module
 */
import { openExperiment } from "../experiment/experiment_opening.ts";
import { copy } from "./copy_stage.ts";
import { fillStore } from "./fill_store.ts";

/** Where the files of a graph are. */
export interface NoOpGraph {
  /** How many. */
  readonly targets: number;
  /** All of it is in here, also the store. */
  readonly folder: string;
  /** The experiment file. */
  readonly experiment: string;
}

/**
 * Writes a graph with everything made already: inputs, the peers' outputs, our results, and the three
 * files that describe it.
 *
 * @param folder A folder that is made.
 * @param targets How many.
 */
export async function prepareNoOp(folder: string, targets: number): Promise<NoOpGraph> {
  const graph = await writeNoOpGraph(folder, targets);
  const experiment = await openExperiment(graph.experiment, { catalogue: { copy } });
  await fillStore(`${folder}/store`, experiment, true);
  return graph;
}

/** Writes all but our results. */
async function writeNoOpGraph(folder: string, targets: number): Promise<NoOpGraph> {
  await Deno.mkdir(`${folder}/in`, { recursive: true });
  const names = Array.from({ length: targets }, (_, i) => String(i));
  for (const name of names) await Deno.writeTextFile(`${folder}/in/${name}.txt`, `input ${name}\n`);
  for (const peer of ["snakemake", "make"]) {
    await Deno.mkdir(`${folder}/${peer}`);
    for (const name of names) {
      await Deno.writeTextFile(`${folder}/${peer}/${name}.txt`, `input ${name}\n`);
    }
  }
  const experiment = `${folder}/experiment.yaml`;
  await Deno.writeTextFile(
    experiment,
    `name: no_op_${targets}\nstages:\n` +
      names.map((name) =>
        `  copy_${name}:\n    uses: copy\n    inputs:\n      file: { path: in/${name}.txt }\n`
      ).join(""),
  );
  await Deno.writeTextFile(
    `${folder}/Snakefile`,
    `rule all:\n    input:\n        expand("snakemake/{i}.txt", i=range(${targets}))\n\n` +
      `rule copy:\n    input:\n        "in/{i}.txt"\n    output:\n        "snakemake/{i}.txt"\n` +
      `    shell:\n        "cp {input} {output}"\n`,
  );
  await Deno.writeTextFile(
    `${folder}/Makefile`,
    `TARGETS := $(patsubst %,make/%.txt,$(shell seq 0 ${targets - 1}))\n\n` +
      `all: $(TARGETS)\n\n.PHONY: all\n\nmake/%.txt: in/%.txt\n\tcp $< $@\n`,
  );
  return { targets, folder, experiment };
}
