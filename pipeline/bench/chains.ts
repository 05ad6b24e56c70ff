/**
 * An experiment of many stages for measuring how long planning takes.
 *
 * @module
 */
import type { Experiment } from "../types.ts";
import { copy } from "./copy_stage.ts";

/** Stages of one chain. */
const LENGTH = 10;

/**
 * Chains of ten `copy` stages, each chain from a file of its own.
 *
 * @param folder Where the files are.
 * @param count How many stages in all.
 */
export function chains(folder: string, count: number): Experiment {
  const file = `${folder}/chains.yaml`;
  return {
    name: `chains ${count}`,
    file,
    seed: 1,
    stages: Array.from({ length: count }, (_, i) => ({
      id: `copy_${i}`,
      definition: copy,
      params: {},
      inputs: {
        file: i % LENGTH === 0
          ? { kind: "external", path: `${folder}/in/${i}.txt` }
          : { kind: "output", stage: `copy_${i - 1}`, output: "copy" },
      },
    })),
    expect: [],
    locate: () => ({ file, line: 0, column: 1 }),
  };
}

/** Writes the files that the chains begin with. */
export async function writeInputs(experiment: Experiment, folder: string): Promise<void> {
  await Deno.mkdir(`${folder}/in`, { recursive: true });
  for (const { id, inputs } of experiment.stages) {
    const { file } = inputs;
    if (file?.kind === "external") await Deno.writeTextFile(file.path, `input of ${id}\n`);
  }
}
