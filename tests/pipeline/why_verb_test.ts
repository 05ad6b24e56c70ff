import { assertEquals, assertStringIncludes } from "@std/assert";
import { plainly, withBench } from "./toy_command.ts";

const FILE = `name: grid
stages:
  number:
    uses: number
    params: { value: 3 }
  lines:
    uses: lines
    inputs: { files: { path: raw } }
  total:
    uses: total
    inputs: { a: number.number, b: lines.number }
`;

Deno.test("why shows a miss value by value, with what it was compared to", () =>
  withBench(async ({ folder, write, say, json }) => {
    Deno.mkdirSync(`${folder}/raw`);
    write("raw/a.txt", "1\n2\n");
    const file = write("grid.yaml", FILE);
    await say("run", file, "-q");
    const set = ["--set", "stages.number.params.value=4"];
    assertEquals(
      plainly((await say("why", file, "number", ...set)).out),
      `number of grid runs: value 3 -> 4; 1 stage follows

compared with number, computed WHEN (DIGEST)

parameters
  value  3 -> 4

key    DIGEST
takes  about TIME, as number of grid, WHEN
`,
    );
    assertEquals(
      plainly((await say("why", file, "total", ...set)).out),
      `total of grid waits: number: value 3 -> 4

by way of number > total

compared with total, computed WHEN (DIGEST)

nothing differs but inputs, which are not known yet: it may turn out to be cached

takes  about TIME, as total of grid, WHEN
`,
    );
    write("raw/b.txt", "3\n");
    const { out } = await say("why", file, "lines");
    assertStringIncludes(plainly(out), "lines of grid runs: input files changed (FOLDER/raw)");
    assertStringIncludes(plainly(out), "inputs\n  files  DIGEST -> DIGEST  from FOLDER/raw\n");
    const found = await json("why", file, "lines");
    assertEquals(found.state, "runs");
    assertEquals(found.differences[0].kind, "input");
    assertEquals(found.differences[0].input, "files");
  }));

Deno.test("why says what made a cached stage, and how a stage without result fared last", () =>
  withBench(async ({ write, say, json }) => {
    const file = write(
      "a.yaml",
      "name: a\nstages:\n  bad: { uses: fault }\n  good: { uses: number }\n",
    );
    await say("run", file, "-q");
    const { out } = await say("why", file, "good");
    assertStringIncludes(
      plainly(out),
      "good of a is cached\n\nmade by  good of a, WHEN, in TIME\n",
    );
    assertStringIncludes(plainly(out), "number   DIGEST, ");
    assertEquals((await json("why", file, "good")).provenance.stage, "good");
    const bad = (await say("why", file, "bad")).out;
    assertStringIncludes(bad, "bad of a runs: first run");
    assertStringIncludes(plainly(bad), "last run  failed, WHEN: ");
  }));

Deno.test("why with a stage that is not there says which there are", () =>
  withBench(async ({ write, say }) => {
    const file = write("a.yaml", "name: a\nstages:\n  good: { uses: number }\n");
    const { status, err } = await say("why", file, "god");
    assertEquals(status, 2);
    assertStringIncludes(err, 'no stage "god" in a; did you mean "good"? Its stages: good');
  }));
