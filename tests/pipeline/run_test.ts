import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { RunControl } from "../../pipeline/run.ts";
import { PlanError } from "../../pipeline/plan.ts";
import type { StageDefinition } from "../../pipeline/stage.ts";
import {
  digestOf,
  runToy,
  spinningPid,
  toyExperiment,
  toyStages,
  withStore,
} from "./toy_stages.ts";

Deno.test("a stage that reruns and yields the same bytes leaves what follows cached", () =>
  withStore(async (store) => {
    const experiment = (value: number) =>
      toyExperiment({
        a: { uses: "number", params: { value } },
        left: { uses: "total", params: { modulo: 5 }, inputs: { a: "a.number" } },
        right: { uses: "total", inputs: { l: "left.number" } },
      });
    assertEquals((await runToy(experiment(3), { store })).statuses, {
      a: "ran",
      left: "ran",
      right: "ran",
    });
    const second = await runToy(experiment(8), { store });
    assertEquals(second.statuses, { a: "ran", left: "ran", right: "cached" });
    assertEquals(second.summary.status, "done");
    const third = await runToy(experiment(8), { store });
    assertEquals(third.statuses, { a: "cached", left: "cached", right: "cached" });
    assert(third.events.every(({ type }) => type !== "stage-start"));
    assert(third.stage("a").logFile !== undefined, "a cached stage still names its log");
  }));

Deno.test("a failure skips what follows from it and nothing else, and the next run does only that", () =>
  withStore(async (store) => {
    const stages = (how: string) => ({
      bad: { uses: "fault", params: { how } },
      after: { uses: "total", inputs: { n: "bad.number" } },
      last: { uses: "total", params: { modulo: 7 }, inputs: { n: "after.number" } },
      good: { uses: "number" },
      fine: { uses: "total", inputs: { n: "good.number" } },
    });
    const first = await runToy(toyExperiment(stages("throw")), { store });
    assertEquals(first.statuses, {
      bad: "failed",
      after: "skipped",
      last: "skipped",
      good: "ran",
      fine: "ran",
    });
    assertEquals(first.summary.status, "failed");
    assertEquals(first.stage("bad").reason, "clip 7 has 24 joints, expected 25");
    assertEquals(first.stage("last").reason, "bad failed");
    const log = await Deno.readTextFile(first.stage("bad").logFile!);
    assertStringIncludes(log, "about to throw");
    assertStringIncludes(log, "fault.ts", "the stack is in the log");
    const failed = first.events.find((event) => event.type === "stage-failed");
    assertEquals(
      failed?.type === "stage-failed" && failed.logTail,
      ["about to throw"],
      "the stack is in the log alone",
    );
    const second = await runToy(toyExperiment(stages("fine")), { store });
    assertEquals(second.statuses, {
      bad: "ran",
      after: "ran",
      last: "ran",
      good: "cached",
      fine: "cached",
    });
  }));

Deno.test("a person's mistake is told in its message, with no stack and no log beside it", () =>
  withStore(async (store) => {
    const experiment = toyExperiment({ bad: { uses: "fault", params: { how: "mistake" } } });
    const { events, stage } = await runToy(experiment, { store });
    assertEquals(stage("bad").reason, "clip 7 has 24 joints, expected 25");
    const failed = events.find((event) => event.type === "stage-failed");
    assertEquals(failed?.type === "stage-failed" && failed.logTail, []);
    const log = await Deno.readTextFile(stage("bad").logFile!);
    assertStringIncludes(log, "clip 7 has 24 joints, expected 25");
    assert(!log.includes("fault.ts"), log);
  }));

Deno.test("a stage that meets a full disk says so in words, and leaves nothing on it but its log", () =>
  withStore(async (store) => {
    const experiment = toyExperiment({ bad: { uses: "fault", params: { how: "full" } } });
    const { stage } = await runToy(experiment, { store });
    assertEquals(
      stage("bad").reason,
      "The disk is full. Nothing recorded so far is harmed; free some space and run again. " +
        "(No space left on device: writefile)",
    );
    const scratch = `${store.root}/scratch/${stage("bad").key}`;
    assertEquals(Array.from(Deno.readDirSync(scratch), ({ name }) => name), []);
    assert(Deno.statSync(stage("bad").logFile!).isFile);
  }));

Deno.test("with onError stop nothing more is started after a failure", () =>
  withStore(async (store) => {
    const experiment = toyExperiment({ bad: { uses: "fault" }, good: { uses: "number" } });
    const { statuses, stage } = await runToy(experiment, { store, jobs: 1, onError: "stop" });
    assertEquals(statuses, { bad: "failed", good: "skipped" });
    assertStringIncludes(stage("good").reason!, "bad failed");
  }));

Deno.test("a process that exits, is killed, rejects unheard or writes nothing is a failed stage", () =>
  withStore(async (store) => {
    const experiment = toyExperiment({
      exit: { uses: "fault", params: { how: "exit" } },
      reject: { uses: "fault", params: { how: "reject" } },
      nothing: { uses: "fault", params: { how: "nothing" } },
      killed: { uses: "fault", params: { how: "spin" } },
    });
    const killer = setInterval(() => {
      for (const { name } of Deno.readDirSync(`${store.root}/scratch`)) {
        const pid = spinningPid(`${store.root}/scratch/${name}`);
        if (pid === undefined) continue;
        clearInterval(killer);
        Deno.kill(pid, "SIGKILL");
      }
    }, 50);
    const { stage, summary } = await runToy(experiment, { store });
    assertEquals(summary.status, "failed");
    assertStringIncludes(
      stage("killed").reason!,
      "was killed by SIGKILL before the stage was done",
    );
    assertStringIncludes(stage("exit").reason!, "ended with status 3 before the stage was done");
    assertEquals(stage("reject").reason, "nobody caught this");
    assertEquals(stage("nothing").reason, 'It wrote no file into its output "number".');
  }));

Deno.test("stages that do not wait for each other run side by side, up to the cores", () =>
  withStore(async (store) => {
    const stages = (n: number) =>
      Object.fromEntries(
        Array.from({ length: 3 }, (_, i) => [
          `c${i}`,
          { uses: "count", params: { steps: 5 + n + i, stepMs: 40 } },
        ]),
      );
    const most = async (jobs: number, n: number) => {
      let now = 0;
      let most = 0;
      const { events } = await runToy(toyExperiment(stages(n)), { store, jobs });
      for (const { type } of events) {
        if (type === "stage-start") most = Math.max(most, ++now);
        if (type === "stage-done") now--;
      }
      return most;
    };
    assertEquals(await most(1, 0), 1);
    assertEquals(await most(2, 10), 2);
  }));

Deno.test("only one stage at a time computes on a WebGPU device", () =>
  withStore(async (store) => {
    const experiment = toyExperiment({ a: { uses: "gpu" }, b: { uses: "count" } });
    const twice = {
      ...experiment,
      stages: [
        experiment.stages[0]!,
        {
          ...experiment.stages[0]!,
          id: "c",
          definition: { ...experiment.stages[0]!.definition, name: "gpu2" },
        },
      ],
    };
    const device = () => Promise.resolve({ backend: "webgpu" as const, class: "webgpu:x" });
    const { events, summary } = await runToy(twice, { store, jobs: 8, device });
    assertEquals(summary.status, "done");
    const order = events.filter(({ type }) => type === "stage-start" || type === "stage-done");
    assertEquals(order.map(({ type }) => type), [
      "stage-start",
      "stage-done",
      "stage-start",
      "stage-done",
    ]);
  }));

Deno.test("asked to stop, a stage saves a checkpoint, and the next run goes on from there", () =>
  withStore(async (store) => {
    const experiment = toyExperiment({
      c: { uses: "count", params: { steps: 40, every: 100, stepMs: 20 } },
      after: { uses: "total", inputs: { c: "c.number" } },
    });
    const control = new RunControl();
    const events: string[] = [];
    const { run } = await import("../../pipeline/run.ts");
    const stopped = await run(experiment, { store, control }, (event) => {
      events.push(event.type);
      if (event.type === "progress" && event.done > 3 && control.presses === 0) control.press();
    });
    assertEquals(stopped.status, "stopped");
    assertEquals(stopped.stages.map(({ status }) => status), ["stopped", "skipped"]);
    assert(events.includes("stopping"));
    const resumed = await runToy(experiment, { store });
    assertEquals(resumed.summary.status, "done");
    const start = resumed.events.find((event) => event.type === "stage-start");
    assert(start?.type === "stage-start" && start.resumed);
    const log = await Deno.readTextFile(resumed.stage("c").logFile!);
    assert(Number(/begins at (\d+)/.exec(log)![1]) > 3, log);
    await withStore(async (other) => {
      const whole = await runToy(experiment, { store: other });
      assertEquals(digestOf(whole.stage("c")), digestOf(resumed.stage("c")));
    });
    assertEquals([...Deno.readDirSync(`${store.root}/scratch`)], []);
    assertEquals([...Deno.readDirSync(`${store.root}/leases`)].map((e) => e.name), []);
  }));

Deno.test("the second request ends a stage that does not listen", () =>
  withStore(async (store) => {
    const control = new RunControl();
    const { run } = await import("../../pipeline/run.ts");
    const summary = await run(
      toyExperiment({ spin: { uses: "fault", params: { how: "spin" } } }),
      { store, control },
      (event) => {
        if (event.type !== "log" || !event.message.includes("about to spin")) return;
        control.press();
        setTimeout(() => control.press(), 200);
      },
    );
    assertEquals(summary.status, "stopped");
    assertEquals(summary.stages[0]!.status, "stopped");
  }));

Deno.test("broken parameter rules and missing files are plan errors with their places", () =>
  withStore(async (store) => {
    const experiment = toyExperiment({
      a: { uses: "number", params: { value: 7 } },
      t: { uses: "total", params: { limit: 5 }, inputs: { a: "a.number" } },
    });
    const error = await assertRejects(() => runToy(experiment, { store }), PlanError);
    assertEquals(
      error.message,
      'toy.yaml#stages.t.params.limit:1:1: limit of stage "t": a is over the limit 5',
    );
    const missing = toyExperiment({ l: { uses: "lines", inputs: { files: "/no/such/folder" } } });
    await assertRejects(
      () => runToy(missing, { store }),
      PlanError,
      "there is no file or folder /no/such/folder",
    );
  }));

Deno.test("facts that only a run can know are checked before the stage after it starts", () =>
  withStore(async (store, folder) => {
    await Deno.writeTextFile(`${folder}/data.txt`, "1\n2\n3\n");
    const catalogue = toyStages();
    const strictTotal: StageDefinition = {
      ...catalogue.total,
      check: (_, inputs) =>
        Number(inputs["l"]?.["lines"] ?? 0) > 2
          ? [{ path: ["modulo"], message: `${inputs["l"]!["lines"]} lines are too many` }]
          : [],
    };
    const experiment = toyExperiment({
      l: { uses: "lines", inputs: { files: `${folder}/data.txt` } },
      t: { uses: "total", inputs: { l: "l.number" } },
    }, { ...catalogue, total: strictTotal });
    const { statuses, stage } = await runToy(experiment, { store });
    assertEquals(statuses, { l: "ran", t: "failed" });
    assertStringIncludes(stage("t").reason!, "toy.yaml#stages.t.params.modulo");
    await assertRejects(() => runToy(experiment, { store }), PlanError, "3 lines are too many");
  }));

Deno.test("a result that left bad input out does not count as strict; one that never asked does", () =>
  withStore(async (store, folder) => {
    await Deno.mkdir(`${folder}/data`);
    await Deno.writeTextFile(`${folder}/data/a.txt`, "1\n");
    await Deno.writeTextFile(`${folder}/data/b.txt`, "bad\n");
    const experiment = toyExperiment({
      n: { uses: "number" },
      l: { uses: "lines", inputs: { files: `${folder}/data` } },
    });
    const lax = await runToy(experiment, { store });
    assertEquals(lax.summary.status, "done");
    const warning = lax.events.find((e) => e.type === "log" && e.level === "warn");
    assert(warning?.type === "log");
    assertEquals(warning.message, `${folder}/data/b.txt is excluded`, "the user's own path");
    const strict = await runToy(experiment, { store, strict: true });
    assertEquals(strict.statuses, { n: "cached", l: "failed" });
    assertEquals(strict.reasons, { l: "not yet computed with --strict" });
    assertEquals(strict.stage("l").reason, `${folder}/data/b.txt: a bad file.`);
    assertEquals((await runToy(experiment, { store })).statuses, { n: "cached", l: "cached" });
  }));

Deno.test("bytes that are gone are made again when a stage needs them, and only then", () =>
  withStore(async (store) => {
    const experiment = (modulo: number) =>
      toyExperiment({
        a: { uses: "number", params: { value: 6 } },
        b: { uses: "total", params: { modulo: 5 }, inputs: { a: "a.number" } },
        c: { uses: "total", params: { modulo }, inputs: { b: "b.number" } },
      });
    await runToy(experiment(4), { store });
    await Deno.remove(`${store.root}/blobs`, { recursive: true });
    await Deno.mkdir(`${store.root}/blobs`);
    assertEquals((await runToy(experiment(4), { store })).statuses, {
      a: "cached",
      b: "cached",
      c: "cached",
    });
    const needed = await runToy(experiment(5), { store });
    assertEquals(needed.statuses, { a: "ran", b: "ran", c: "ran" });
    assertEquals(needed.reasons["a"], "its bytes are gone and b needs them");
    assertEquals(needed.stage("c").metrics["value"], 1);
  }));

Deno.test("a stage whose bytes differ each time is caught by name when it is made again", () =>
  withStore(async (store) => {
    const experiment = (modulo: number) =>
      toyExperiment({
        r: { uses: "random" },
        t: { uses: "total", params: { modulo }, inputs: { r: "r.number" } },
      });
    await runToy(experiment(4), { store });
    await Deno.remove(`${store.root}/blobs`, { recursive: true });
    await Deno.mkdir(`${store.root}/blobs`);
    const again = await runToy(experiment(5), { store });
    assertEquals(again.statuses, { r: "failed", t: "skipped" });
    assertStringIncludes(again.stage("r").reason!, "The same action gave different bytes: number");
  }));

if (Deno.env.get("SKELRUN_LONG")) {
  Deno.test("a stage that runs out of memory is a failed stage that says so", () =>
    withStore(async (store) => {
      const { stage } = await runToy(
        toyExperiment({ m: { uses: "fault", params: { how: "memory" } } }),
        { store },
      );
      assertStringIncludes(stage("m").reason!, "ran out of memory");
    }));
}
