import { assertEquals, assertStringIncludes } from "@std/assert";
import { withBench } from "./toy_command.ts";

const GRID = `name: grid
matrix:
  axes:
    value: { set: stages.number.params.value, values: [0.5, 1.5] }
stages:
  number: { uses: number, params: { value: 3 } }
  total: { uses: total, inputs: { a: number.number } }
`;

Deno.test("cells of a matrix are named with the dots in their labels, everywhere", () =>
  withBench(async ({ folder, write, say, json }) => {
    const file = write("grid.yaml", GRID);
    await say("run", file, "-q");
    for (const name of ["total@value=0.5", "total@value=0.5.number"]) {
      const { root, nodes } = await json("lineage", name);
      assertEquals(nodes[0].id, root);
      assertEquals(nodes[0].name, "total@value=0.5.number");
      const place = `${folder}/${name}`;
      assertEquals((await say("export", name, place)).status, 0);
      assertEquals(Deno.readTextFileSync(`${place}/number.txt`), "0.5\n");
    }
    assertEquals((await say("logs", "total@value=1.5")).status, 0);
    const { err, status } = await say("export", "total@value=1.5.nothing", `${folder}/none`);
    assertEquals(status, 2);
    assertStringIncludes(err, 'stage total@value=1.5 has no output "nothing"');
  }));

Deno.test("why explains each cell of a stage that is named without its cell", () =>
  withBench(async ({ write, say, json }) => {
    await say("run", write("grid.yaml", GRID), "-q");
    const file = write("grid.yaml", GRID.replace("1.5", "2.5"));
    assertEquals(
      (await say("why", file, "number")).out,
      "number@value=0.5 of grid is cached\n" +
        "number@value=2.5 of grid runs: first run; nearest is number@value=1.5: value 1.5 -> 2.5; " +
        "1 stage follows\n",
    );
    const cells = await json("why", file, "total");
    assertEquals(cells.map(({ state }: { state: string }) => state), ["cached", "waits"]);
    const found = await json("plan", file);
    assertEquals(found.stages[2].estimate.basis, "cell");
    assertEquals(found.stages[2].estimate.from.stage, "number@value=1.5");
  }));

Deno.test("a part of a cell's name leads to the cells that it could mean", () =>
  withBench(async ({ write, say }) => {
    const modulo = "    modulo: { set: stages.total.params.modulo, values: [7, 8] }\n";
    const file = write("grid.yaml", GRID.replace("stages:\n", `${modulo}stages:\n`));
    const { err, status } = await say("why", file, "total@modulo=8");
    assertEquals(status, 2);
    assertStringIncludes(
      err,
      "Those of this part: total@value=0.5,modulo=8, total@value=1.5,modulo=8\n",
    );
    const other = await say("why", file, "total@modulo=9");
    assertStringIncludes(other.err, 'no stage "total@modulo=9" in grid');
  }));
