import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { inline } from "../../pipeline/executors/inline.ts";
import { local } from "../../pipeline/executors/local.ts";
import { readVerdict, verificationFolder } from "../../pipeline/verify/kept_verification.ts";
import { PlanError } from "../../pipeline/plan.ts";
import { RunControl } from "../../pipeline/running/run_control.ts";
import { differenceLines, verificationTable } from "../../pipeline/verify/verification_text.ts";
import { compute, filesUnder, flakyExperiment, verifyToy } from "./toy_flaky.ts";
import { digestOf, runToy, withStore } from "./toy_stages.ts";

const CHAIN = {
  a: { uses: "number", params: { value: 2 } },
  b: { uses: "flaky", inputs: { a: "a.number" } },
  sum: { uses: "total", inputs: { a: "a.number", b: "b.number" } },
};

const flaky = (what: string) =>
  flakyExperiment({
    a: { uses: "number" },
    b: { uses: "flaky", params: { what }, inputs: { a: "a.number" } },
    sum: { uses: "total", inputs: { b: "b.number" } },
  });

Deno.test("results that come out the same are the same, and nothing published is touched", () =>
  withStore(async (store) => {
    const experiment = flakyExperiment(CHAIN);
    const { stage } = await compute(experiment, store);
    const before = filesUnder(store.root);
    const { states, events, verification } = await verifyToy(experiment, {
      store,
      executor: local,
      jobs: 2,
    });
    assertEquals(states, { a: "same", b: "same", sum: "same" });
    const after = filesUnder(store.root);
    for (const name of Object.keys(after)) {
      if (/^(verified|local)\//.test(name)) delete after[name];
    }
    for (const name of Object.keys(before)) if (name.startsWith("local/")) delete before[name];
    assertEquals(after, before);
    assertEquals(
      events.flatMap((event) => event.type === "stage-done" ? [event.stage.id] : []).sort(),
      ["a", "b", "sum"],
    );
    assertEquals(readVerdict(store, stage("b").key!)?.same, 1);
    assert(verificationTable(verification).split("\n")[1]!.startsWith("a      same"));
  }));

Deno.test("a stage that yields other bytes is caught by name, and those after it are not blamed", () =>
  withStore(async (store) => {
    const experiment = flaky("number");
    await compute(experiment, store);
    const { states, stage, events } = await verifyToy(experiment, { store, executor: local });
    assertEquals(states, { a: "same", b: "differs", sum: "same" });
    const { differences, kept, key } = stage("b");
    assertEquals(differences.map(({ kind, name }) => [kind, name]), [["output", "number"]]);
    const [difference] = differences;
    assert(difference?.kind === "output" && difference.files.length === 1);
    assertEquals(difference.files[0]!.name, "number.txt");
    assert(/^(first differs at byte|the same up to byte) \d+/.test(difference.files[0]!.text));
    assertEquals(kept, `${verificationFolder(store, key!)}/differing`);
    const failed = events.flatMap((event) => event.type === "stage-failed" ? [event.stage] : []);
    assertEquals(failed.map(({ id }) => id), ["b"]);
    assertStringIncludes(failed[0]!.reason!, "output number: ");
    assertStringIncludes(failed[0]!.reason!, "number.txt: ");
  }));

Deno.test("both results are kept: the published one as it was, the recomputed one in a folder", () =>
  withStore(async (store) => {
    const experiment = flaky("number");
    const digest = digestOf((await compute(experiment, store)).stage("b"));
    const first = (await verifyToy(experiment, { store })).stage("b");
    const files = filesUnder(first.kept!);
    assertEquals(Object.keys(files).sort(), ["difference.json", "log.txt", "number/number.txt"]);
    const published = await Deno.readTextFile(store.blobPath(store.readTree(digest)![0]!.digest));
    assert(files["number/number.txt"] !== published);
    const said = JSON.parse(files["difference.json"]!);
    assertEquals([said.stage, said.key], ["b", first.key]);
    assertEquals(said.differences, first.differences);
    const second = (await verifyToy(experiment, { store })).stage("b");
    assertEquals(second.kept, first.kept);
    assert(filesUnder(second.kept!)["number/number.txt"] !== files["number/number.txt"]);
    assertEquals(readVerdict(store, first.key!)?.differing, 2);
    assertEquals(digestOf((await compute(experiment, store)).stage("b")), digest);
    assertEquals([...Deno.readDirSync(`${store.root}/scratch`)], []);
  }));

Deno.test("one of two outputs, a file more, a metric and a fact that differ are each told alone", () =>
  withStore(async (store) => {
    const said = async (what: string) => {
      const experiment = flaky(what);
      await compute(experiment, store);
      const { states, stage } = await verifyToy(experiment, { store });
      assertEquals(states, { a: "same", b: "differs", sum: "same" }, what);
      return stage("b");
    };
    const ulp = await said("ulp");
    assertEquals(ulp.differences.map(({ name }) => name), ["table"]);
    const [table] = ulp.differences;
    assert(table?.kind === "output");
    assertEquals(table.differing, 1);
    assertEquals(table.files.map(({ name }) => name), ["deep/b.bin"]);
    const file = await said("name");
    const [names] = file.differences;
    assert(names?.kind === "output");
    assertEquals(names.differing, 2);
    assertEquals(
      names.files.map(({ text }) => text).sort(),
      ["only in the published output", "only in the recomputed output"],
    );
    const metric = await said("metric");
    assertEquals(metric.differences.map(({ kind, name }) => [kind, name]), [["metric", "score"]]);
    assertStringIncludes(differenceLines(metric).join("\n"), "  metric score: 0.");
    assertEquals(Object.keys(filesUnder(metric.kept!)).sort(), ["difference.json", "log.txt"]);
    const facts = await said("facts");
    assertEquals(facts.differences.map(({ kind, name }) => [kind, name]), [["facts", "table"]]);
    const many = await said("number+metric");
    assertEquals(many.differences.map(({ kind }) => kind), ["output", "metric"]);
    assertStringIncludes(
      verificationTable({ experiment: "", stopped: false, seconds: 0, stages: [many] }),
      "output number, number.txt and 1 more",
    );
  }));

Deno.test("whoever knows the format says how files differ", () =>
  withStore(async (store) => {
    const experiment = flaky("ulp");
    await compute(experiment, store);
    const { stage } = await verifyToy(experiment, {
      store,
      compareFiles: async (name, first, second) => {
        const [a, b] = [await Deno.readFile(first), await Deno.readFile(second)];
        assertEquals(a.length, b.length);
        return name.endsWith(".bin") ? `tensor of ${a.length} bytes` : undefined;
      },
    });
    const [difference] = stage("b").differences;
    assert(difference?.kind === "output");
    assertEquals(difference.files, [{ name: "deep/b.bin", text: "tensor of 1024 bytes" }]);
  }));

Deno.test("recomputed several times, a stage that differs now and then is found", () =>
  withStore(async (store) => {
    const experiment = flakyExperiment(CHAIN);
    await compute(experiment, store);
    const { stage, events } = await verifyToy(experiment, { store, times: 3, only: ["b"] });
    assertEquals([stage("b").state, stage("b").recomputed], ["same", 3]);
    assertEquals(events.filter(({ type }) => type === "stage-start").length, 3);
    const differing = flaky("metric");
    await compute(differing, store);
    const again = await verifyToy(differing, { store, times: 3, only: ["b"] });
    assertEquals([again.stage("b").state, again.stage("b").recomputed], ["differs", 1]);
    assertEquals(again.verification.stages.length, 1);
  }));

Deno.test("what was not computed yet is said with its reason, and so is a changed external input", () =>
  withStore(async (store, folder) => {
    await Deno.writeTextFile(`${folder}/text`, "1\n2\n");
    const experiment = flakyExperiment({
      lines: { uses: "lines", inputs: { files: `${folder}/text` } },
      sum: { uses: "total", inputs: { l: "lines.number" } },
    });
    const empty = await verifyToy(experiment, { store });
    assertEquals(empty.states, { lines: "not computed yet", sum: "not computed yet" });
    assertEquals(empty.stage("lines").note, "first run");
    await compute(experiment, store);
    assertEquals((await verifyToy(experiment, { store })).states, { lines: "same", sum: "same" });
    await Deno.writeTextFile(`${folder}/text`, "1\n2\n3\n");
    const changed = await verifyToy(experiment, { store });
    assertEquals(changed.states, { lines: "not computed yet", sum: "not computed yet" });
    assertStringIncludes(changed.stage("lines").note!, `${folder}/text`);
    assertStringIncludes(changed.stage("sum").note!, "lines");
    await Deno.remove(`${folder}/text`);
    await assertRejects(() => verifyToy(experiment, { store }), PlanError, "there is no file");
  }));

Deno.test("a result of another class of device is not recomputed on this one, nor blamed", () =>
  withStore(async (store) => {
    const experiment = flakyExperiment({
      g: { uses: "gpu" },
      sum: { uses: "total", inputs: { g: "g.number" } },
    });
    const on = (name: string) => ({
      device: () => Promise.resolve({ backend: "webgpu" as const, class: `webgpu:${name}` }),
      executor: inline,
      store,
    });
    await runToy(experiment, on("one"));
    const { states, stage } = await verifyToy(experiment, { ...on("two"), acceptDevice: "any" });
    assertEquals(states["g"], "not computed yet");
    assertEquals(
      stage("g").note,
      "not on this class of device: its result is that of webgpu:one",
    );
    assertEquals((await verifyToy(experiment, on("one"))).states["g"], "same");
  }));

Deno.test("an accepted result is recomputed too, and who accepted it is said", () =>
  withStore(async (store) => {
    const experiment = flaky("metric");
    const { stage } = await compute(experiment, store);
    const accepted = {
      from: "f".repeat(64),
      who: "Ada",
      when: "",
      why: "a comment",
      differences: [],
    };
    for (const id of ["a", "b"]) {
      await store.writeAction({ ...store.readAction(stage(id).key!)!, accepted });
    }
    const found = await verifyToy(experiment, { store });
    const note = 'the published result is that of ffffffffffff, accepted by Ada ("a comment")';
    assertEquals([found.stage("a").state, found.stage("a").note], ["same", note]);
    assertEquals([found.stage("b").state, found.stage("b").note], ["differs", note]);
    assertStringIncludes(differenceLines(found.stage("b")).join("\n"), `  note: ${note}`);
  }));

Deno.test("two stages that are one action are recomputed once", () =>
  withStore(async (store) => {
    const experiment = flakyExperiment({ a: { uses: "number" }, again: { uses: "number" } });
    await compute(experiment, store);
    const { states, events } = await verifyToy(experiment, { store });
    assertEquals(states, { a: "same", again: "same" });
    assertEquals(events.filter(({ type }) => type === "stage-start").length, 1);
  }));

Deno.test("an external input that changes while it is recomputed is no mismatch", () =>
  withStore(async (store, folder) => {
    await Deno.writeTextFile(`${folder}/text`, "1\n2\n");
    const experiment = flakyExperiment({
      lines: { uses: "lines", inputs: { files: `${folder}/text` } },
    });
    await compute(experiment, store);
    const { stage } = await verifyToy(experiment, {
      store,
      executor: {
        ...inline,
        submit(job, onMessage) {
          Deno.writeTextFileSync(`${folder}/text`, "1\n2\n3\n");
          return inline.submit(job, onMessage);
        },
      },
    });
    assertEquals(stage("lines").state, "could not run");
    assertStringIncludes(stage("lines").note!, "changed while it ran");
  }));

Deno.test("a stage whose inputs' bytes are gone says so; --repair brings all of them back", () =>
  withStore(async (store) => {
    const experiment = flakyExperiment(CHAIN);
    const { stage } = await compute(experiment, store);
    const digest = digestOf(stage("a"));
    for (const entry of store.readTree(digest)!) await Deno.remove(store.blobPath(entry.digest));
    const found = await verifyToy(experiment, { store });
    assertEquals(found.states, { a: "same", b: "bytes gone", sum: "bytes gone" });
    assertStringIncludes(found.stage("a").note!, "the published bytes of number are gone");
    assertStringIncludes(
      found.stage("b").note!,
      "a.number, from which it is made; verify a with --repair",
    );
    assert(!store.hasBytes(digest));
    const repaired = await verifyToy(experiment, { store, repair: true, jobs: 8 });
    assertEquals(repaired.states, { a: "same", b: "same", sum: "same" });
    assertEquals(repaired.stage("a").note, "bytes put back: number");
    assert(store.hasBytes(digest));
  }));

Deno.test("damaged bytes of an input are told instead of a mismatch, and --repair mends an output", () =>
  withStore(async (store) => {
    const experiment = flakyExperiment(CHAIN);
    const { stage } = await compute(experiment, store);
    const blob = store.blobPath(
      store.readTree(digestOf(stage("a")))!.find(({ name }) => name === "number.txt")!.digest,
    );
    const sound = await Deno.readTextFile(blob);
    await Deno.chmod(blob, 0o644);
    await Deno.writeTextFile(blob, "9\n");
    const found = await verifyToy(experiment, { store });
    assertEquals(found.states, { a: "same", b: "same", sum: "could not run" });
    assertStringIncludes(found.stage("sum").note!, 'its input "a" (number.txt of a.number)');
    await verifyToy(experiment, { store, only: ["a"], repair: true });
    assertEquals(await Deno.readTextFile(blob), sound);
    assertEquals((await verifyToy(experiment, { store })).stage("sum").state, "same");
  }));

Deno.test("a stage that fails where it once ran is told with its log", () =>
  withStore(async (store) => {
    const experiment = flakyExperiment(CHAIN);
    await compute(experiment, store);
    const { stage, events } = await verifyToy(experiment, {
      store,
      only: ["b"],
      executor: {
        name: "failing",
        async submit(job, onMessage) {
          const submission = await inline.submit(job, onMessage);
          await submission.wait();
          return {
            ...submission,
            wait: () => Promise.resolve({ status: "failed", message: "clip 7 is bad" }),
            logTail: () => ["reading clip 7"],
          };
        },
      },
    });
    assertEquals([stage("b").state, stage("b").note], ["could not run", "clip 7 is bad"]);
    assertEquals(await Deno.stat(stage("b").logFile!).then(({ isFile }) => isFile), true);
    const failed = events.find((event) => event.type === "stage-failed");
    assertEquals(failed?.logTail, ["reading clip 7"]);
  }));

Deno.test("stopped by the user, it ends at once and leaves nothing half-done", () =>
  withStore(async (store) => {
    const experiment = flakyExperiment({
      slow: { uses: "count", params: { steps: 4, stepMs: 20 } },
      late: { uses: "number" },
    });
    await compute(experiment, store);
    const control = new RunControl();
    const { states, verification } = await verifyToy(experiment, {
      store,
      control,
      jobs: 1,
      executor: {
        ...local,
        async submit(job, onMessage) {
          const submission = await local.submit(job, onMessage);
          setTimeout(() => control.press(), 50);
          return submission;
        },
      },
    });
    assertEquals(states, { slow: "stopped", late: "stopped" });
    assert(verification.stopped);
    assertEquals([...Deno.readDirSync(`${store.root}/scratch`)], []);
    const leases = [...Deno.readDirSync(`${store.root}/leases`)].map(({ name }) => name);
    assertEquals(leases.filter((name) => !name.startsWith(".")), []);
  }));
