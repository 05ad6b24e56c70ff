/** Devices that go and drivers that crash while a stage computes, and the attempts that follow. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { z } from "zod";
import { isCrash } from "../../pipeline/executors/child_end.ts";
import { local } from "../../pipeline/executors/local.ts";
import { RunControl } from "../../pipeline/running/run_control.ts";
import type { StageDefinition } from "../../pipeline/stage.ts";
import { digestOf, runToy, toyExperiment, withStore } from "./toy_stages.ts";

const UNIX = Deno.build.os === "windows" ? " [absent: signals]" : "";
const entry = new URL("./toy/losing.ts", import.meta.url).href;

/** A stage for each way to go wrong. */
function losing(...ways: readonly string[]) {
  const stage: StageDefinition = {
    name: "losing",
    summary: "Counts while its device goes",
    params: z.strictObject({ how: z.string() }),
    inputs: {},
    outputs: { number: { type: "number", summary: "A number" } },
    entry: { cpu: entry, webgpu: entry },
    resources: { cores: 1, memoryMiB: 64 },
  };
  const stages = ways.map((how) => [how, { uses: "losing", params: { how } }] as const);
  return toyExperiment(Object.fromEntries(stages), { losing: stage });
}

const on = (backend: "cpu" | "webgpu") => ({
  executor: local,
  backend,
  device: () => Promise.resolve({ backend, class: `${backend}:toy ${crypto.randomUUID()}` }),
});

Deno.test({
  name:
    "a lost device, a crash and a crash at the end are failed attempts; others go on from the " +
    "last checkpoint and end with the same bytes" + UNIX,
  ignore: UNIX !== "",
  fn: () =>
    withStore(async (store) => {
      const { stage, statuses, events } = await runToy(
        losing("never", "lost", "crashed", "teardown"),
        { store, ...on("webgpu") },
      );
      assertEquals([...new Set(Object.values(statuses))], ["ran"], JSON.stringify(events));
      for (const id of ["lost", "crashed", "teardown"]) {
        assertEquals(digestOf(stage(id)), digestOf(stage("never")));
      }
      const provenance = (id: string) => store.readAction(stage(id).key!)!.provenance;
      assertEquals(provenance("never").attempts, 1);
      // Steps 0 to 2, 2 to 4, 4 to 6: two losses, each after a new checkpoint.
      assertEquals(provenance("lost").attempts, 3);
      assertEquals(
        provenance("lost").earlier!.map(({ ended }) => ended),
        Array(2).fill("failed: the device was lost"),
      );
      assertMatch(provenance("crashed").earlier![0]!.ended, /killed by SIGABRT before the stage/);
      assertMatch(
        provenance("teardown").earlier![0]!.ended,
        /killed by SIGABRT after the stage was done, so that its output may not be whole/,
      );
      const warnings = events.flatMap((event) =>
        event.type === "log" && event.id === "lost" && event.level === "warn" ? [event.message] : []
      );
      assertEquals(warnings.length, 2);
      assertStringIncludes(warnings[0]!, "was lost. Another attempt goes on from the last");
      const starts = events.filter((event) => event.type === "stage-start" && event.id === "lost");
      assertEquals(starts.map((event) => event.type === "stage-start" && event.resumed), [
        false,
        true,
        true,
      ]);
      const log = await Deno.readTextFile(stage("lost").logFile!);
      assertStringIncludes(log, "note  another attempt, since the one before failed");
    }),
});

Deno.test("three losses in a row without a new checkpoint are given up, in a sentence", () =>
  withStore(async (store) => {
    const { stage, statuses } = await runToy(losing("at once"), { store, ...on("webgpu") });
    assertEquals(statuses, { "at once": "failed" });
    assertStringIncludes(stage("at once").reason!, "3 attempts in a row ended without a new");
    assertStringIncludes(stage("at once").logFile!, "-3.log");
  }));

Deno.test("a run that was stopped makes no further attempt", () =>
  withStore(async (store) => {
    const control = new RunControl();
    const options = { store, control, ...on("webgpu") };
    const { run } = await import("../../pipeline/run.ts");
    const summary = await run(losing("at once"), options, (event) => {
      if (event.type === "stage-start") control.press();
    });
    assertEquals(summary.stages[0]!.status, "failed");
    assertStringIncludes(summary.stages[0]!.logFile!, "-1.log");
  }));

Deno.test({
  name: "a crash of a stage that computes on no GPU is its own fault: no attempt follows" + UNIX,
  ignore: UNIX !== "",
  fn: () =>
    withStore(async (store) => {
      const { stage, statuses } = await runToy(losing("crashed"), { store, ...on("cpu") });
      assertEquals(statuses, { crashed: "failed" });
      assertStringIncludes(stage("crashed").reason!, "The next run tries again");
    }),
});

Deno.test("a panic of the engine is a crash; a kill, an exit and a full heap are none", () => {
  const ended = (code: number, signal: Deno.Signal | null = null) => ({
    success: false,
    code,
    signal,
  });
  assert(isCrash(ended(134, "SIGABRT"), []));
  assert(isCrash(ended(1), ["===", "Deno has panicked. This is a bug in Deno."]));
  assert(!isCrash(ended(137, "SIGKILL"), []));
  assert(!isCrash(ended(1), ["something else"]));
  assert(!isCrash(ended(133, "SIGTRAP"), ["# Fatal JavaScript out of memory: Reached heap limit"]));
});
