import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { runCommandLine } from "../../pipeline/command_line.ts";
import { PINNED_DENO } from "../../pipeline/pinned_deno.ts";
import { knownDevices } from "../../pipeline/store/device_classes.ts";
import type { Device } from "../../pipeline/types.ts";
import { pipelineVerbs } from "../../pipeline/verbs/mod.ts";
import { CapturedTerminal } from "../unit/cli/captured_terminal.ts";
import { GPU, Workbench } from "./edits/workbench.ts";
import { toyStages, withFolder } from "./toy_stages.ts";

const OTHER = "webgpu:toy/two/Toy Two:1.0";
const ANY = { acceptDevice: "any" } as const;
const ALL_CACHED = Array(5).fill("cached");

Deno.test("a result of another class of device is taken where it is asked for, with all that follows", () =>
  withFolder(async (folder) => {
    const bench = await Workbench.open(folder, [GPU]);
    assertEquals(knownDevices(await bench.store()), [GPU]);
    const states = async (how = {}) =>
      Object.values((await bench.plan(how)).stages).map((s) => s.state);
    assertEquals(await states(), ["cached", "cached", "runs", "waits", "waits"]);
    assertEquals(await states(ANY), ALL_CACHED);
    assertEquals(await states({ ...ANY, device: OTHER }), ALL_CACHED);
    const { stages } = await bench.plan(ANY);
    assertEquals(stages.map(({ reason }) => reason), [
      "",
      "",
      `takes the result of ${GPU}`,
      "",
      "",
    ]);

    const taken = await bench.run(ANY);
    assertEquals(taken.stages.map(({ status }) => status), ALL_CACHED);
    assertEquals(taken.stages.map(({ otherDevice }) => otherDevice), [
      undefined,
      undefined,
      GPU,
      undefined,
      undefined,
    ]);

    // An edit of that class's code counts as ever.
    bench.replace("lib/kernel.wgsl", "64", "32");
    assertEquals(await states(ANY), ["cached", "cached", "runs", "waits", "waits"]);
    bench.restore();

    // What follows is computed on it; what it was computed on here goes first from then on.
    const set = ["stages.evaluate.params.k=7"];
    const on = await bench.run({ ...ANY, set });
    assertEquals(on.stages.map(({ status }) => status), [
      "cached",
      "cached",
      "cached",
      "ran",
      "cached",
    ]);
    await bench.run();
    const own = await bench.run(ANY);
    assertEquals(own.stages.map(({ otherDevice }) => otherDevice), Array(5).fill(undefined));
    assertEquals(knownDevices(await bench.store()), ["cpu", GPU]);
  }));

Deno.test("of several other classes the own backend's goes first; none is taken without its bytes", () =>
  withFolder(async (folder) => {
    const bench = await Workbench.open(folder, ["cpu", GPU]);
    const how = { ...ANY, device: OTHER };
    const pretrain = async () => (await bench.plan(how)).stages[2]!;
    assertEquals((await pretrain()).record?.manifest.device, GPU);
    const store = await bench.store();
    const drop = async () => {
      const { record } = await pretrain();
      for (const { digest } of store.readTree(record!.outputs["model"]!.digest)!) {
        Deno.removeSync(store.blobPath(digest));
      }
    };
    await drop();
    assertEquals((await pretrain()).record?.manifest.device, "cpu");
    await drop();
    assertEquals((await pretrain()).state, "runs");
  }));

/** A command line over the toy stages, on a device. */
async function say(folder: string, device: string, ...args: string[]) {
  const terminal = new CapturedTerminal();
  const backend = device === "cpu" ? "cpu" as const : "webgpu" as const;
  let asked = 0;
  const status = await runCommandLine([...args, "--store", `${folder}/store`], {
    verbs: pipelineVerbs,
    catalogue: toyStages(),
    terminal,
    resolveDevice: () => {
      asked++;
      return Promise.resolve<Device>({ backend, class: device, software: false, why: "a test" });
    },
    deno: PINNED_DENO,
  });
  return { status, out: terminal.stdout, err: terminal.stderr, asked };
}

Deno.test("--device plans for another machine, asks this one for nothing, and is refused by run", () =>
  withFolder(async (folder) => {
    const file = `${folder}/gpu.yaml`;
    await Deno.writeTextFile(
      file,
      "name: gpu\nstages:\n  train: { uses: gpu }\n  sum: { uses: count, inputs: { start: train.number } }\n",
    );
    assertEquals((await say(folder, "cpu", "run", file, "-q")).status, 0);
    const here = await say(folder, "cpu", "plan", file);
    assertStringIncludes(here.out, "all cached");
    const there = await say(folder, "cpu", "plan", file, "--device", OTHER);
    assertEquals(there.asked, 0);
    assertStringIncludes(there.out, `train: device cpu -> ${OTHER}`);
    assertStringIncludes(there.out, `planned for ${OTHER}, by --device`);
    const why = await say(folder, "cpu", "why", file, "train", "--device", OTHER);
    assertStringIncludes(why.out, `train of gpu runs: device cpu -> ${OTHER}; 1 stage follows`);
    const back = await say(folder, OTHER, "plan", file, "--device", "cpu");
    assertStringIncludes(back.out, "all cached");

    const run = await say(folder, "cpu", "run", file, "--device", OTHER);
    assertEquals([run.status, run.asked], [2, 0]);
    assertStringIncludes(run.err, "can only compute on its own device; leave it out here");
    const odd = await say(folder, "cpu", "plan", file, "--device", "cup");
    assertEquals(odd.status, 2);
    assertStringIncludes(odd.err, 'found "cup"; did you mean "cpu"? The store has results of: cpu');
    const both = await say(folder, "cpu", "plan", file, "--device", OTHER, "--backend", "cpu");
    assertStringIncludes(both.err, "contradicts");
    const some = await say(folder, "cpu", "plan", file, "--accept-device", "some");
    assertStringIncludes(some.err, '--accept-device: expected any, found "some"');
  }));

Deno.test("--accept-device any is said by plan, why, the table of a run, and lineage", () =>
  withFolder(async (folder) => {
    const file = `${folder}/gpu.yaml`;
    const text = (steps: number) =>
      `name: gpu\nstages:\n  train: { uses: gpu }\n  sum: { uses: count, inputs: { start: train.number }, ` +
      `params: { steps: ${steps} } }\n`;
    await Deno.writeTextFile(file, text(9));
    assertEquals((await say(folder, OTHER, "run", file, "-q")).status, 0);
    const accept = ["--accept-device", "any"];
    const plan = await say(folder, "cpu", "plan", file, ...accept);
    assertStringIncludes(plan.out, "all cached");
    assertStringIncludes(plan.out, `from ${OTHER} rather than cpu (--accept-device any): train`);
    const why = await say(folder, "cpu", "why", file, "train", ...accept);
    assertStringIncludes(why.out, `from another device: ${OTHER}`);
    const json = JSON.parse((await say(folder, "cpu", "plan", file, ...accept, "--json")).out);
    assertEquals(json.stages[0].otherDevice, OTHER);

    const run = await say(folder, "cpu", "run", file, "-q", ...accept);
    assertEquals(run.status, 0);
    assert(/train +cached .*result of webgpu:toy\/two\/Toy Two:1\.0/.test(run.out), run.out);
    const own = await say(folder, "cpu", "lineage", "train.number");
    assertStringIncludes(own.out, "accepted on cpu");
    // What takes it computes on no device itself, and its record says so all the same.
    await Deno.writeTextFile(file, text(8));
    assertEquals((await say(folder, "cpu", "run", file, "-q", ...accept)).status, 0);
    const after = await say(folder, "cpu", "lineage", "sum.number");
    assertStringIncludes(after.out, "accepted on cpu");
    await Deno.writeTextFile(file, text(9));
    assertEquals((await say(folder, OTHER, "run", file, "-q")).status, 0);
    const before = await say(folder, OTHER, "lineage", "sum.number");
    assert(!before.out.includes("accepted"), before.out);
  }));
