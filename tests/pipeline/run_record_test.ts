import { assert, assertEquals, assertThrows } from "@std/assert";
import { readHistory, writeHistory } from "../../pipeline/history/history.ts";
import { lastRun, listRuns, rememberedSummary } from "../../pipeline/history/last_run.ts";
import { readRun } from "../../pipeline/history/run_record.ts";
import { runNamed } from "../../pipeline/history/run_reference.ts";
import type { Store } from "../../pipeline/store/store.ts";
import { UsageError } from "../../pipeline/usage_error.ts";
import { runToy, toyExperiment, type ToyStage, withStore } from "./toy_stages.ts";

const stages = (value: number): Record<string, ToyStage> => ({
  number: { uses: "number", params: { value } },
  total: { uses: "total", inputs: { a: "number.number" } },
});

const warnings = ({ events }: Awaited<ReturnType<typeof runToy>>) =>
  events.flatMap((event) => event.type === "log" && event.level === "warn" ? [event.message] : []);

function files(store: Store, folder: string): string[] {
  return [...Deno.readDirSync(`${store.root}/${folder}`)]
    .filter(({ isFile }) => isFile).map(({ name }) => `${store.root}/${folder}/${name}`).sort();
}

Deno.test("a run is remembered with its stages; what it yielded is read from the results", () =>
  withStore(async (store) => {
    const { summary } = await runToy(toyExperiment(stages(3)), { store });
    const [head] = [...listRuns(store)];
    assertEquals(head?.counts, { ran: 2 });
    assertEquals(head?.number, 1);
    const run = readRun(store, head!.path)!;
    assertEquals(run.stages.map(({ id }) => id), ["number", "total"]);
    for (const { id } of run.stages) {
      assertEquals(
        rememberedSummary(store, run, id),
        JSON.parse(JSON.stringify(summary.stages.find((stage) => stage.id === id))),
      );
    }
  }));

Deno.test("runs where all is cached share the list of their stages and take a line each", () =>
  withStore(async (store) => {
    const many = Object.fromEntries(
      Array.from({ length: 40 }, (_, i) => [`n@seed=${i},lr=0.1`, stages(1).number!]),
    );
    for (let i = 0; i < 3; i++) await runToy(toyExperiment(many), { store });
    assertEquals(files(store, "runs").length, 3);
    assertEquals(files(store, "runs/stages").length, 1);
    for (const path of files(store, "runs").slice(1)) assert(Deno.statSync(path).size < 600);
    const run = readRun(store, files(store, "runs")[2]!)!;
    assertEquals(run.stages.length, 40);
    assert(run.stages.every(({ id, status }) => status === "cached" && id.includes("@seed=")));
    const keys = readHistory(store, "toy");
    assertEquals(Object.keys(keys), Object.keys(many));
  }));

Deno.test("what a failed stage was to be computed from is remembered with the run", () =>
  withStore(async (store) => {
    await runToy(toyExperiment({ fault: { uses: "fault", params: { how: "throw" } } }), { store });
    const row = lastRun(store)!.stages[0]!;
    assertEquals(row.status, "failed");
    assertEquals(row.manifest?.params["how"], "throw");
    assertEquals(row.attempt, 1);
  }));

Deno.test("the history keeps eight keys a stage, latest first, and writes only what is new", () =>
  withStore(async (store) => {
    const put = (key: string, list?: string) =>
      writeHistory(store, "toy", new Map([["n@seed=1", key]]), list);
    for (let i = 0; i < 10; i++) await put(`k${i}`, `list ${i}`);
    const kept = ["k9", "k8", "k7", "k6", "k5", "k4", "k3", "k2"];
    assertEquals(readHistory(store, "toy"), { "n@seed=1": kept });
    const [file] = files(store, "latest");
    const before = Deno.statSync(file!).ino;
    await put("k9", "list 9");
    assertEquals(Deno.statSync(file!).ino, before);
    await put("k8", "list 8");
    assertEquals(readHistory(store, "toy")["n@seed=1"]?.slice(0, 3), ["k8", "k9", "k7"]);
    assertEquals(readHistory(store, "another"), {});
  }));

Deno.test("damaged history stops no run; it is told, and begins anew", () =>
  withStore(async (store) => {
    await runToy(toyExperiment(stages(1)), { store });
    const [latest] = files(store, "latest");
    await Deno.writeTextFile(latest!, '{"list":"a",\n"stages":{"number":[');
    const run = await runToy(toyExperiment(stages(2)), { store });
    assertEquals(run.summary.status, "done");
    assertEquals(run.reasons["number"], "first run");
    assertEquals(warnings(run), [
      `${latest} was damaged; the history of earlier results begins anew`,
    ]);
    assertEquals(readHistory(store, "toy")["number"]?.length, 1);
  }));

Deno.test("damaged run records are passed over and named", () =>
  withStore(async (store) => {
    for (const value of [1, 2, 3]) await runToy(toyExperiment(stages(value)), { store });
    const [first, second, third] = files(store, "runs");
    await Deno.writeTextFile(second!, '{"run":{"for');
    const damaged: string[] = [];
    const numbers = [...listRuns(store, (path) => damaged.push(path))].map((run) => run.number);
    assertEquals(numbers, [3, 1]);
    assertEquals(damaged, [second]);
    // The list of the last run's stages is gone: the run before it is the last that says anything.
    const { list } = [...listRuns(store)][0]!;
    await Deno.remove(`${store.root}/runs/stages/${list}.json`);
    damaged.length = 0;
    assertEquals(lastRun(store, {}, (path) => damaged.push(path))?.id, readRun(store, first!)?.id);
    assertEquals(damaged, [third, second]);
    const run = await runToy(toyExperiment(stages(4)), { store });
    assertEquals(run.summary.status, "done");
  }));

Deno.test("a run is named by id, by number, or from the latest back", () =>
  withStore(async (store) => {
    assertThrows(() => runNamed(store, "latest"), UsageError, "nothing was run yet");
    for (const value of [1, 2, 3]) {
      await runToy(toyExperiment(stages(value), undefined, value === 2 ? "other" : "toy"), {
        store,
      });
    }
    const [third, second, first] = [...listRuns(store)];
    assertEquals(runNamed(store, "latest").id, third!.id);
    assertEquals(runNamed(store, "latest~2").id, first!.id);
    assertEquals(runNamed(store, "latest~1", (name) => name === "toy").id, first!.id);
    assertEquals(runNamed(store, "2").id, second!.id);
    assertEquals(runNamed(store, second!.id).number, 2);
    assertThrows(() => runNamed(store, "4"), UsageError, "number (1 to 3");
    assertThrows(() => runNamed(store, "latest~3"), UsageError, "no run");
    assertThrows(() => runNamed(store, "zzz"), UsageError, 'no run "zzz"');
  }));
