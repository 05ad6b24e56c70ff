/** Children that end badly, and what they print. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { explainEnd } from "../../pipeline/executors/child_end.ts";
import { JobLog } from "../../pipeline/executors/job_log.ts";
import { LineSplitter } from "../../pipeline/executors/lines.ts";
import { localExecutor } from "../../pipeline/executors/local.ts";
import { endings } from "./toy_endings.ts";
import { runToy, withFolder, withStore } from "./toy_stages.ts";

const SMALL = localExecutor({ heapMiB: 64, logBytes: 1 << 20 });
const UNIX = Deno.build.os === "windows" ? " [absent: signals]" : "";

Deno.test({
  name:
    "a crash, a kill, an exit and a full heap are failed stages with their last lines and a hint" +
    UNIX,
  ignore: UNIX !== "",
  fn: () =>
    withStore(async (store) => {
      const experiment = endings({ heap: "", killed: "", aborted: "", exit: "", fine: "" });
      const { stage, statuses, events } = await runToy(experiment, { store, executor: SMALL });
      assertEquals(statuses, {
        heap: "failed",
        killed: "failed",
        aborted: "failed",
        exit: "failed",
        fine: "ran",
      });
      const said = (id: string) => stage(id).reason!;
      assertStringIncludes(said("heap"), "ran out of memory for JavaScript values");
      assertStringIncludes(said("heap"), "of which it may have 64 MiB");
      assertStringIncludes(
        said("heap"),
        "set in the definition of ending: resources: { ..., memoryMiB: 128 }",
      );
      assertStringIncludes(said("killed"), "Its process was killed by SIGKILL before the stage");
      assertStringIncludes(said("aborted"), "killed by SIGABRT before the stage was done");
      assertStringIncludes(said("aborted"), "It crashed: a fault in Deno, in a graphics driver");
      assertStringIncludes(said("exit"), "ended with status 0 before the stage was done");
      assertStringIncludes(said("exit"), "Something in it called Deno.exit()");
      for (const event of events) {
        if (event.type !== "stage-failed") continue;
        assertStringIncludes(event.logTail.join("\n"), `about to be ${event.stage.id}`);
        const log = await Deno.readTextFile(event.stage.logFile!);
        assertMatch(log, /\S+ end +failed: Its process /);
      }
      const next = await runToy(experiment, { store, executor: SMALL });
      assertEquals(next.statuses["fine"], "cached");
    }),
});

Deno.test("who killed a process is said as far as the kernel tells", () => {
  const status = { success: false, code: 137, signal: "SIGKILL" } as const;
  const end = { status, stage: "s", declaredMiB: 500, heapMiB: 4096, peakMiB: 7200, tail: [] };
  const kernel = explainEnd({ ...end, kernelKilled: true });
  assertStringIncludes(kernel, "it had used 7200 MiB. The machine ran out of memory meanwhile");
  assertStringIncludes(kernel, "resources: { ..., memoryMiB: 8000 }");
  assertStringIncludes(kernel, "--jobs");
  assertStringIncludes(
    explainEnd({ ...end, kernelKilled: false }),
    "somebody killed it. Run again",
  );
  assertStringIncludes(
    explainEnd({ ...end, kernelKilled: undefined, peakMiB: undefined }),
    "Somebody killed it, or the kernel did",
  );
});

Deno.test("endless output, endless lines and what is no text cost no memory and little disk", () =>
  withStore(async (store) => {
    const experiment = endings({ endless: "", long: "", garbage: "" });
    // Of this thread alone: others of the same process run other tests meanwhile.
    const held = () => {
      const { heapUsed, external } = Deno.memoryUsage();
      return heapUsed + external;
    };
    const before = held();
    const { stage, statuses, events } = await runToy(experiment, { store, executor: SMALL });
    assert(held() - before < 200 << 20);
    assertEquals(statuses, { endless: "failed", long: "failed", garbage: "ran" });
    const tail = (id: string) =>
      events.flatMap((e) => e.type === "stage-failed" && e.stage.id === id ? e.logTail : []);
    assertEquals(tail("endless").at(-1), "the last line");
    assertEquals(tail("long").at(-1), "after the long line");
    for (const id of ["endless", "long"]) {
      const { size } = await Deno.stat(stage(id).logFile!);
      assert(size < 1.2 * 2 ** 20, `${id}: ${size} bytes`);
      assertEquals(stage(id).reason, "enough");
    }
    const endless = await Deno.readTextFile(stage("endless").logFile!);
    assertMatch(endless, /\d{6,} lines are left out here/);
    assertStringIncludes(endless, "the last line\n");
    assertMatch(endless, /end +failed: enough\n$/);
    const long = await Deno.readTextFile(stage("long").logFile!);
    assertStringIncludes(long, "more characters");
    const garbage = await Deno.readTextFile(stage("garbage").logFile!);
    assertStringIncludes(garbage, "\ufffd");
  }));

Deno.test("a line is whole up to its limit, however it comes in pieces", () => {
  const lines = (pieces: string[], longest: number) => {
    const splitter = new LineSplitter(longest);
    return [...pieces.flatMap((piece) => splitter.push(piece)), ...splitter.end()];
  };
  assertEquals(lines(["a", "b\nc", "", "\n\nd"], 9), ["ab", "c", "", "d"]);
  assertEquals(lines(["abc", "def\ngh\n"], 4), [
    "abcd ... (2 more characters left out)",
    "gh",
  ]);
});

Deno.test("a log keeps its beginning and its end", () =>
  withFolder((folder) => {
    const log = new JobLog(`${folder}/log`, 1000);
    for (let i = 0; i < 500; i++) log.add("out", `line ${i}`);
    log.close();
    const text = Deno.readTextFileSync(`${folder}/log`);
    const said = [...text.matchAll(/line (\d+)$/gm)].map((match) => Number(match[1]));
    assertEquals([said[0], said.at(-1)], [0, 499]);
    const left = Number(/(\d+) lines are left out here/.exec(text)![1]);
    assertEquals(said.length + left, 500);
    assertEquals(log.tail().at(-1), "line 499");
    return Promise.resolve();
  }));

Deno.test("the peak memory of a stage is known however short it was", () =>
  withStore(async (store) => {
    const { stage } = await runToy(endings({ fine: "", memory: "" }), { store });
    const peak = (id: string) => store.readAction(stage(id).key!)!.provenance.peakMemoryMiB!;
    // The first of all children compiles what it imports, so its own peak may be anything.
    assert(peak("fine") > 10, `${peak("fine")} MiB`);
    assert(peak("memory") > 200, `${peak("memory")} MiB`);
  }));
