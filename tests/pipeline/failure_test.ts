/** A grid with failing cells. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { inline } from "../../pipeline/executors/inline.ts";
import { LONG } from "./survivors.ts";
import { runToy, toyExperiment, type ToyStage, toyStages, withStore } from "./toy_stages.ts";

const CELLS = 30;

/** Cells of three stages; those in `bad` fail in their second. */
function grid(cells: number, bad: ReadonlySet<number>): Record<string, ToyStage> {
  const stages: Record<string, ToyStage> = {};
  for (let i = 0; i < cells; i++) {
    stages[`a${i}`] = { uses: "number", params: { value: i } };
    stages[`b${i}`] = bad.has(i)
      ? { uses: "fault", params: { how: "throw" }, inputs: { start: `a${i}.number` } }
      : { uses: "total", params: { modulo: 500 }, inputs: { a: `a${i}.number` } };
    stages[`c${i}`] = { uses: "total", inputs: { b: `b${i}.number` } };
  }
  return stages;
}

function tally(statuses: Readonly<Record<string, string>>): Record<string, string[]> {
  const by: Record<string, string[]> = {};
  for (const [id, status] of Object.entries(statuses)) (by[status] ??= []).push(id);
  return by;
}

Deno.test("failing cells take nothing with them but what follows, and are all that runs again", () =>
  withStore(async (store) => {
    const bad = new Set([3, 17, 29]);
    const first = await runToy(toyExperiment(grid(CELLS, bad)), { store, executor: inline });
    const by = tally(first.statuses);
    assertEquals(by["failed"], ["b3", "b17", "b29"]);
    assertEquals(by["skipped"], ["c3", "c17", "c29"]);
    assertEquals(by["ran"]!.length, 3 * CELLS - 6);
    assertEquals(first.stage("c17").reason, "b17 failed");
    const events = first.events.map((e) => "stage" in e ? `${e.type} ${e.stage.id}` : e.type);
    const at = events.indexOf("stage-failed b3");
    assert(at > 0 && at < events.length / 2, "it is told when it happens");
    const failure = first.events[at]!;
    assert(failure.type === "stage-failed" && failure.stage.logFile !== undefined);

    const same = await runToy(toyExperiment(grid(CELLS, bad)), { store, executor: inline });
    assertEquals(tally(same.statuses)["failed"], ["b3", "b17", "b29"]);
    assertEquals(tally(same.statuses)["ran"], undefined);

    const mended = await runToy(toyExperiment(grid(CELLS, new Set())), { store, executor: inline });
    assertEquals(tally(mended.statuses)["ran"], ["b3", "c3", "b17", "c17", "b29", "c29"]);
  }));

Deno.test("with onError stop what runs is finished and nothing is begun", () =>
  withStore(async (store) => {
    const { statuses, stage } = await runToy(toyExperiment(grid(CELLS, new Set([0]))), {
      store,
      executor: inline,
      jobs: 1,
      onError: "stop",
    });
    const by = tally(statuses);
    assertEquals(by["failed"], ["b0"]);
    assertStringIncludes(stage("a29").reason!, "not started: b0 failed");
    assertEquals(stage("c0").reason, "b0 failed");
    assertEquals(by["ran"], ["a0"]);
    assertEquals(by["skipped"]!.length, 3 * CELLS - 2);
    const next = await runToy(toyExperiment(grid(CELLS, new Set())), { store, executor: inline });
    assertEquals(tally(next.statuses)["cached"], by["ran"]);
  }));

Deno.test("a reporter that throws ends no stage, and its error is not lost", () =>
  withStore(async (store) => {
    const { run } = await import("../../pipeline/run.ts");
    const experiment = toyExperiment({ a: { uses: "number" }, b: { uses: "count" } });
    let told = 0;
    const error = await run(experiment, { store, executor: inline }, () => {
      told++;
      throw new Error("no room in the terminal's file");
    }).then(() => undefined, (error: Error) => error);
    assertEquals(error?.message, "no room in the terminal's file");
    assertEquals(told, 1);
    const { statuses } = await runToy(experiment, { store, executor: inline });
    assertEquals(statuses, { a: "cached", b: "cached" });
  }));

/** Stages that do next to nothing, all ready at once, and one that gathers them. */
function wide(count: number): Record<string, ToyStage> {
  const stages: Record<string, ToyStage> = {};
  const all: Record<string, string> = {};
  for (let i = 0; i < count; i++) {
    stages[`a${i}`] = { uses: "number", params: { value: i } };
    all[`n${i}`] = `a${i}.number`;
  }
  return { ...stages, sum: { uses: "total", inputs: all } };
}

if (LONG) {
  Deno.test("a run of 10,000 ready stages computes each of them", () =>
    withStore(async (store) => {
      const experiment = toyExperiment(wide(10_000), toyStages());
      const { summary } = await runToy(experiment, { store, executor: inline, jobs: 4 });
      assertEquals(summary.status, "done");
      assertEquals(summary.stages.filter(({ status }) => status === "ran").length, 10_001);
    }));
}
