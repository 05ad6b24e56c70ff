/** The grid that the page on experiment files works through is what the page says. */
import { assertEquals } from "@std/assert";
import { loadExperiment } from "../../../pipeline/experiment.ts";
import { catalogue } from "../../../stages/mod.ts";

const root = new URL("../../../", import.meta.url);

/** The stages of an experiment that are in one cell or in all, by their names in the file. */
function bases(ids: readonly string[], cell: string): string[] {
  return ids.filter((id) => id.endsWith(cell) && (cell !== "" || !id.includes("@")))
    .map((id) => id.split("@")[0]!);
}

Deno.test("docs/experiment_files.md: the grid it works through has the stages it says", async () => {
  const page = await Deno.readTextFile(new URL("docs/experiment_files.md", root));
  const grid = /## Grids[\s\S]*?```yaml\n([\s\S]*?)```/.exec(page)![1]!;
  const folder = await Deno.makeTempDir({ prefix: "skelrun-test-" });
  try {
    const demo = new URL("experiments/demo.yaml", root).pathname;
    await Deno.writeTextFile(`${folder}/grid.yaml`, grid.replace("demo.yaml", demo));
    const { stages, matrix } = loadExperiment(`${folder}/grid.yaml`, { catalogue });
    const ids = stages.map(({ id }) => id);
    assertEquals(matrix!.cells, 9);
    assertEquals(bases(ids, ""), [
      "synth",
      "parse",
      "normalize",
      "split",
      "augment",
      "raw_features",
      "table",
    ]);
    const own = ["pretrain", "curves", "features", "linear"];
    assertEquals(bases(ids, "@mask=sharp,tau=0.07,seed=1"), own);
    assertEquals(bases(ids, "@mask=flat,tau=0.2,seed=1"), []);
    assertEquals(bases(ids, "@seed=3"), [
      "shuffled",
      "shuffled_features",
      "shuffled_linear",
      "untrained",
      "untrained_features",
      "untrained_linear",
      "raw_linear",
    ]);
    assertEquals(Object.keys(stages.at(-1)!.inputs).length, 9 + 3 + 3 + 3);
    assertEquals(ids.length, 7 + 9 * 4 + 3 * 7);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
