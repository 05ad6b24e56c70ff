import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { plainly, withBench } from "./toy_command.ts";

const FILE = `name: grid
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
expect:
  last.value: { min: 0 }
`;

Deno.test("log lists the runs, latest first, and those of one file where it is given", () =>
  withBench(async ({ write, say, json, store }) => {
    const file = write("grid.yaml", FILE);
    assertStringIncludes((await say("log")).err, "nothing was run yet");
    const other = write("other.yaml", "name: other\nstages:\n  bad: { uses: fault }\n");
    await say("run", file, "-q");
    await say("run", other, "-q");
    await say("run", file, "-q", "--set", "stages.number.params.value=4");
    const runs = await json("log");
    assertEquals(
      runs.map((run: Record<string, unknown>) => [run.number, run.experiment, run.status]),
      [[3, "grid", "done"], [2, "other", "failed"], [1, "grid", "done"]],
    );
    assertEquals(runs[1].counts, { failed: 1 });
    assertEquals((await json("log", file)).length, 2);
    assertEquals((await json("log", "-n", "1")).length, 1);
    const { out } = await say("log", file);
    assertMatch(out, /^runs of grid\n\n# +run +when/);
    assertMatch(out, /\n3 +[0-9a-f]{8} +\d{4}-\d\d-\d\d \d\d:\d\d +done .* s +3 ran .*\n1 /);
    const all = await say("log");
    assertStringIncludes(all.out, "experiment");
    const [damaged] = [...Deno.readDirSync(`${store}/runs`)].map(({ name }) => name)
      .filter((name) => name.endsWith(".json")).sort();
    write(`store/runs/${damaged}`, "no JSON");
    const { err, status } = await say("log");
    assertEquals(status, 0);
    assertStringIncludes(err, `${damaged} is damaged or of another version; passed over`);
  }));

Deno.test("diff tells what went in before what came out, and what follows from what", () =>
  withBench(async ({ write, say, json }) => {
    const file = write("grid.yaml", FILE);
    await say("run", file, "-q");
    await say("run", file, "-q", "--set", "stages.number.params.value=4");
    const found = await json("diff", "1", "2");
    assertEquals(found.changed, [{
      stage: "number",
      differences: [{ kind: "param", path: "value", old: 3, new: 4, text: "value 3 -> 4" }],
      sameOutputs: false,
    }]);
    assertEquals(found.follows, ["total", "last"]);
    assertEquals(found.metrics, [
      { stage: "number", metric: "value", old: 3, new: 4, difference: 1 },
      { stage: "total", metric: "value", old: 3, new: 4, difference: 1 },
      { stage: "last", metric: "value", old: 3, new: 4, difference: 1 },
    ]);
    assertEquals([found.same, found.statuses, found.onlyOld, found.onlyNew], [0, [], [], []]);
    assertEquals(
      plainly((await say("diff", "latest~1", "latest")).out).split("\n").slice(2).join("\n"),
      `
went in
  number
    value 3 -> 4
  and what follows from it: total, last

came out
                #1  #2  difference
  number.value   3   4          +1
  total.value    3   4          +1
  last.value     3   4          +1

the same in both: 0 stages
`,
    );
    assertStringIncludes((await say("diff", "2", "2")).out, "Nothing differs: the same 3 stages.");
  }));

Deno.test("diff compares what failed, statuses, other stages and other experiments", () =>
  withBench(async ({ write, say, json }) => {
    const one = write(
      "one.yaml",
      "name: one\nstages:\n  a: { uses: fault, params: { how: none } }\n" +
        "  b: { uses: total, inputs: { a: a.number } }\n  same: { uses: number }\n" +
        "  gone: { uses: number, params: { value: 8 } }\n",
    );
    const two = write(
      "two.yaml",
      "name: two\nstages:\n  a: { uses: fault, params: { how: throw } }\n" +
        "  b: { uses: total, inputs: { a: a.number } }\n  same: { uses: number }\n" +
        "  fresh: { uses: number, params: { value: 9 } }\n",
    );
    assertEquals((await say("run", one, "-q")).status, 0);
    assertEquals((await say("run", two, "-q")).status, 1);
    const found = await json("diff", "latest~1", "latest");
    assertEquals([found.old.experiment, found.new.experiment], ["one", "two"]);
    assertEquals(found.changed[0].stage, "a");
    assertEquals(found.changed[0].differences[0].text, "how none -> throw");
    assertEquals(found.follows, ["b"]);
    assertEquals(found.statuses, [
      { stage: "a", old: "ran", new: "failed" },
      { stage: "b", old: "ran", new: "skipped" },
    ]);
    assertEquals([found.onlyOld, found.onlyNew, found.same], [["gone"], ["fresh"], 1]);
    const { out } = await say("diff", "1", "2");
    assertStringIncludes(out, "\nended\n  a: ran -> failed\n  b: ran -> skipped\n");
    assertStringIncludes(out, "\nonly in the old run\n  gone\n");
  }));

Deno.test("diff names no cause where a stage was merely not reached", () =>
  withBench(async ({ write, say, json }) => {
    const file = write(
      "one.yaml",
      "name: one\nstages:\n  a: { uses: fault, params: { how: throw } }\n  b: { uses: number }\n",
    );
    await say("run", file, "-q", "-j", "1", "--on-error", "stop");
    await say("run", file, "-q");
    const { changed, follows, statuses } = await json("diff", "latest~1", "latest");
    assertEquals([changed, follows], [[], []]);
    assertEquals(statuses, [{ stage: "b", old: "skipped", new: "ran" }]);
    const { out } = await say("diff", "1", "2");
    assert(!out.includes("went in"), out);
  }));

Deno.test("diff says where other parameters came to the same bytes", () =>
  withBench(async ({ write, say, json }) => {
    const file = write("grid.yaml", FILE);
    await say("run", file, "-q");
    await say("run", file, "-q", "--set", "stages.total.params.modulo=500");
    const found = await json("diff", "1", "2");
    assertEquals(found.changed.map((row: { sameOutputs: boolean }) => row.sameOutputs), [true]);
    assertEquals(found.follows, []);
    assertStringIncludes(
      (await say("diff", "1", "2")).out,
      "  total\n    modulo 1000 -> 500\n    its outputs are the same all the same\n",
    );
  }));
