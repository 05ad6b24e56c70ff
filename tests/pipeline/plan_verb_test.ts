import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { plainly, withBench } from "./toy_command.ts";

const GRID = `name: grid
stages:
  number:
    uses: number
    params: { value: 3 }
  total:
    uses: total
    inputs: { a: number.number }
  last:
    uses: total
    inputs: { a: total.number }
  other:
    uses: count
    params: { steps: 2 }
`;

Deno.test("plan says what a first run would do, and that nobody knows how long it takes", () =>
  withBench(async ({ write, say }) => {
    const { out, status } = await say("plan", write("grid.yaml", GRID), "-j", "2");
    assertEquals(status, 0);
    assertEquals(
      out,
      `grid: 4 stages: 0 cached, 2 to run, 2 waiting for those

number and other: first run; 2 stages follow

#  stage   state  takes  why
1  number  runs   ?      first run
3  total   waits  ?      for number
4  last    waits  ?      for number
2  other   runs   ?      first run

How long it takes is not known: no earlier result speaks for a stage.
`,
    );
  }));

Deno.test("plan names each cause once, the order of starts, and the results behind its estimates", () =>
  withBench(async ({ write, say, json }) => {
    const file = write("grid.yaml", GRID);
    await say("run", file, "-q");
    assertEquals(
      (await say("plan", file)).out,
      "grid: 4 stages, all cached: nothing to run\n",
    );
    const { out } = await say("plan", file, "-j", "1", "--set", "stages.number.params.value=4");
    assertEquals(
      plainly(out.replaceAll("<0.1 s", "~0.1 s")),
      `grid: 4 stages: 1 cached, 1 to run, 2 waiting for it

number: value 3 -> 4; 2 stages follow

#  stage   state   takes   why
1  number  runs    ~TIME  value 3 -> 4
2  total   waits   ~TIME  for number
3  last    waits   ~TIME  for number
   other   cached

about TIME on 1 core, TIME of work
measured WHEN: number, total, last
`,
    );
    const found = await json("plan", file, "--set", "stages.number.params.value=4");
    assertEquals(found.causes, [{ text: "value 3 -> 4", stages: ["number"], follows: 2 }]);
    const [number, , , other] = found.stages;
    assertEquals([number.state, number.order, number.reason], ["runs", 1, "value 3 -> 4"]);
    assertEquals(number.estimate.basis, "stage");
    assertEquals([number.estimate.from.experiment, number.estimate.from.stage], ["grid", "number"]);
    assertEquals([other.state, other.order, other.estimate], ["cached", undefined, undefined]);
    assertEquals(found.estimate.chain, ["number", "total", "last"]);
    assertEquals(found.estimate.unknown, []);
  }));

Deno.test("a stage without results of its own is estimated by its like, which is said", () =>
  withBench(async ({ write, say, json }) => {
    await say("run", write("grid.yaml", GRID), "-q");
    const file = write(
      "new.yaml",
      "name: new\nstages:\n  fresh: { uses: number, params: { value: 9 } }\n" +
        "  gone: { uses: fault }\n",
    );
    const found = await json("plan", file);
    assertEquals(found.stages[0].estimate.basis, "type");
    assertEquals(found.stages[0].estimate.from.stage, "number");
    assertEquals(found.estimate.unknown, ["gone"]);
    assertEquals(found.causes[0].text, "first run; nearest is number of grid: value 3 -> 9");
    const { out } = await say("plan", file);
    assertMatch(out, /about .* on \d+ cores?, without gone, not run before/);
    assertStringIncludes(plainly(out), "measured WHEN by number of grid: fresh");
  }));

Deno.test("estimates take the earlier result with the nearest parameters", () =>
  withBench(async ({ write, say, json }) => {
    const file = write("grid.yaml", GRID);
    await say(
      "run",
      file,
      "-q",
      "--set",
      "stages.other.params.steps=40",
      "--set",
      "stages.other.params.stepMs=10",
    );
    await say("run", file, "-q");
    const found = await json(
      "plan",
      file,
      ...["steps=40", "stepMs=10", "every=9"].flatMap((
        set,
      ) => ["--set", `stages.other.params.${set}`]),
    );
    const other = found.stages.find(({ id }: { id: string }) => id === "other");
    assertEquals(other.reason, "every 3 -> 9");
    assertEquals(other.estimate.seconds > 0.35, true);
  }));

Deno.test("a plan of many stages is cut, and whole with --all", () =>
  withBench(async ({ write, say }) => {
    const stages = Array.from(
      { length: 250 },
      (_, i) => `  n${i}: { uses: number, params: { value: ${i} } }\n`,
    );
    const file = write("many.yaml", `name: many\nstages:\n${stages.join("")}`);
    const { out } = await say("plan", file);
    assertStringIncludes(out, "many: 250 stages: 0 cached, 250 to run");
    assertStringIncludes(
      out,
      "n0, n1 and 198 more: first run\n50 more stages run (--all tells why)",
    );
    assertStringIncludes(out, "and 220 more (--all shows them)");
    assertEquals((await say("plan", file, "--all")).out.split("\n").length > 250, true);
  }));

Deno.test("a damaged history is told in a line, and only where it would have been read", () =>
  withBench(async ({ write, say, store }) => {
    const file = write("grid.yaml", GRID);
    await say("run", file, "-q");
    const [latest] = [...Deno.readDirSync(`${store}/latest`)].map(({ name }) => name);
    write(`store/latest/${latest}`, "{");
    assertEquals((await say("plan", file)).err, "");
    const { err, status, out } = await say("plan", file, "--set", "stages.number.params.value=4");
    assertEquals(status, 0);
    assertStringIncludes(err, `${latest} is damaged: what ran earlier is not known from it`);
    assertStringIncludes(out, "number: first run; nearest is number: value 3 -> 4");
  }));
