/** Grids from experiment files, run for real. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { loadExperiment } from "../../pipeline/experiment.ts";
import { openStore } from "../../pipeline/store/store.ts";
import { withBench } from "./toy_command.ts";
import { runToy, toyStages, withFolder } from "./toy_stages.ts";

const GRID = `name: grid
stages:
  shared: {uses: number, params: {value: 10}}
  own: {uses: number, params: {value: 1}}
  sum: {uses: total, inputs: {a: shared.number, b: own.number}}
  all: {uses: total, inputs: {"*": {all: sum.number}, own: {all: own.number}}}
matrix:
  axes:
    v: {set: stages.own.params.value, values: [1, 2]}
    modulo: {set: stages.sum.params.modulo, values: [7, 100]}
expect:
  sum.value: {min: 1}
`;

/** Calls back with something that runs an experiment file's text in one store. */
async function withGrid(
  use: (
    go: (text: string, cells?: string[]) => ReturnType<typeof runToy>,
    folder: string,
  ) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    const store = await openStore(`${folder}/store`);
    await use((text, cells) => {
      Deno.writeTextFileSync(`${folder}/grid.yaml`, text);
      const experiment = loadExperiment(`${folder}/grid.yaml`, { catalogue: toyStages(), cells });
      return runToy(experiment, { store, jobs: 2 });
    }, folder);
  });
}

Deno.test("a grid computes what its cells share once, and gathers all of them", async () => {
  await withGrid(async (go) => {
    const { summary, stage } = await go(GRID);
    assertEquals(summary.status, "done");
    const values = Object.fromEntries(summary.stages.map(({ id, metrics }) => [id, metrics.value]));
    assertEquals(values["sum@v=1,modulo=7"], 4);
    assertEquals(values["sum@v=1,modulo=100"], 11);
    assertEquals(values["sum@v=2,modulo=7"], 5);
    assertEquals(values["sum@v=2,modulo=100"], 12);
    assertEquals(values["all"], 4 + 11 + 5 + 12 + 1 + 2);
    assertEquals(summary.stages.length, 8);
    assertEquals(stage("shared").status, "ran");

    const again = await go(GRID);
    assertEquals(new Set(Object.values(again.statuses)), new Set(["cached"]));
  });
});

Deno.test("a value more computes its cells alone, and one cell alone is taken from the whole", async () => {
  await withGrid(async (go) => {
    await go(GRID);
    const more = await go(GRID.replace("[7, 100]", "[7, 50, 100]"));
    const ran = Object.entries(more.statuses).filter(([, status]) => status === "ran");
    assertEquals(ran.map(([id]) => id), ["sum@v=1,modulo=50", "sum@v=2,modulo=50", "all"]);
    const one = await go(GRID, ["v=2", "modulo=7"]);
    assertEquals(one.statuses, {
      shared: "cached",
      "own@v=2": "cached",
      "sum@v=2,modulo=7": "cached",
      all: "ran",
    });
    assertEquals(one.stage("all").metrics.value, 5 + 2);
  });
});

Deno.test("a grid that says the same as a file without one takes its results", async () => {
  await withGrid(async (go) => {
    await go(GRID.slice(0, GRID.indexOf("  all:")));
    const grid = await go(GRID.replace("[1, 2]", "[1]").replace("[7, 100]", "[1000]"));
    assertEquals(grid.statuses["own@v=1"], "cached");
    assertEquals(grid.statuses["sum@v=1,modulo=1000"], "cached");
    assertEquals(grid.statuses["all"], "ran");
  });
});

Deno.test("a cell that fails leaves the others alone; what gathers it is skipped", async () => {
  await withGrid(async (go) => {
    const text = `name: failing
stages:
  own: {uses: fault, params: {how: throw}}
  sum: {uses: total, inputs: {a: own.number}}
  all: {uses: total, inputs: {"*": {all: sum.number}}}
matrix: {axes: {how: {set: stages.own.params.how, values: [fine, throw]}}}
`;
    const { statuses, summary, stage } = await go(text);
    assertEquals(summary.status, "failed");
    assertEquals(statuses, {
      "own@how=fine": "ran",
      "sum@how=fine": "ran",
      "own@how=throw": "failed",
      "sum@how=throw": "skipped",
      all: "skipped",
    });
    assertStringIncludes(stage("all").reason ?? "", "own@how=throw");
  });
});

Deno.test("--cell chooses cells on the command line, and says what there is", () =>
  withBench(async ({ write, say, json }) => {
    const file = write("grid.yaml", GRID);
    const plan = await json("plan", file, "--cell", "v=1", "--cell", "modulo=7");
    assertEquals(plan.stages.map(({ id }: { id: string }) => id), [
      "shared",
      "own@v=1",
      "sum@v=1,modulo=7",
      "all",
    ]);
    const { out } = await say("plan", file, "--cell", "v=1", "--cell", "modulo=7");
    assertEquals(
      out.split("\n")[0],
      "grid: 4 stages in 1 cell: 0 cached, 2 to run, 2 waiting for those",
    );
    const { status, err } = await say("plan", file, "--cell", "v=3");
    assertEquals([status, err], [2, '--cell v=3: axis v has no value "3". Its values: 1, 2\n']);
  }));

Deno.test("what a plan finds wrong has its place, whether the file was read quickly or not", () =>
  withBench(async ({ write, say }) => {
    const text = GRID.replace("b: own.number}", "b: own.number}, params: {limit: 1}");
    const odd = `${text}# a tab:\t\n`;
    for (const file of [write("grid.yaml", text), write("odd.yaml", odd)]) {
      const { status, err } = await say("plan", file);
      assertEquals(status, 2);
      assertStringIncludes(
        err,
        `${file}:5:81: limit of stage "sum": a is over the limit 1 (in 4 cells)\n    5 | inputs`,
      );
    }
  }));
