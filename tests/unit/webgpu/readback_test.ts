import { assert, assertEquals, assertRejects } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import type { StageMain } from "../../../pipeline/stage.ts";
import { parseLogCsv } from "../../../stages/pretrain/log_row.ts";
import { pretrain } from "../../../stages/pretrain/pretrain.ts";
import { MOST_AHEAD, ReadPace } from "../../../stages/pretrain/read_pace.ts";
import { readTensors } from "../../../stages/tensor/read_tensors.ts";
import { Ended, treeOf } from "../pretrain/fake_context.ts";
import { TinyRun } from "../pretrain/tiny_run.ts";
import { gpuTest, startGpu } from "./gpu_run.ts";

/** Pre-training on the backend, as its entry does it. */
const onGpu: StageMain = async (ctx) => {
  await startGpu();
  await pretrain(ctx);
};

/** Nothing but steps: the checks in between read back as they need. */
const STEPS_ALONE = { knn: { every: 0 }, mask: { clips: 0 }, epochs: 100, checkpoint_every: 1000 };

async function outputsOf(run: TinyRun, name: string) {
  return await Promise.all(
    ["encoder", "log", "training"].map((port) => treeOf(run.output(name, port))),
  );
}

Deno.test("a device is read after one step, then after as many as take twenty seconds, at most 50", () => {
  const pace = new ReadPace();
  const now = performance.now();
  assertEquals(pace.steps, 1);
  pace.read(1, now + 30_000);
  assertEquals(pace.steps, 1);
  pace.read(1, now + 32_000);
  assert(pace.steps === 10, "two seconds each");
  pace.read(0, now + 33_000);
  assertEquals(pace.steps, 10, "nothing was read: nothing was learnt");
  pace.read(10, now + 33_100);
  assertEquals(pace.steps, MOST_AHEAD);
});

gpuTest("many tensors are read with one wait, views and empty ones among them", async () => {
  const backend = await startGpu();
  const flat = tf.tensor1d(Float32Array.from({ length: 200 }, (_, i) => i));
  const view = backend.view(flat, 64, [2, 5]);
  const [empty, sum] = [tf.tensor1d([]), tf.tidy(() => tf.add(flat, 1))];
  const before = backend.readbacks;
  const [a, b, c, d] = await readTensors([sum, view, empty, flat]);
  assertEquals(backend.readbacks, before + 1);
  assertEquals([...a!], Array.from({ length: 200 }, (_, i) => i + 1));
  assertEquals([...b!], Array.from({ length: 10 }, (_, i) => 64 + i));
  assertEquals([c!.length, d!.length], [0, 200]);
  assert(backend.waitedMs > 0);
  tf.dispose([view, flat, empty, sum]);
});

gpuTest("pre-training reads back once in 50 steps, and its log has every row", async () => {
  const backend = await startGpu();
  await using run = await TinyRun.make();
  const from = backend.readbacks;
  const ctx = await run.pretrain("few", { ...STEPS_ALONE, steps: 3 }, {}, onGpu);
  const few = backend.readbacks - from;
  const steps = Deno.env.has("SKELRUN_LONG") ? 160 : 52;
  const at = backend.readbacks;
  await run.pretrain("many", { ...STEPS_ALONE, steps }, {}, onGpu);
  // After the first step, after every 50 that follow and at the end; what is written costs as much in both.
  const more = backend.readbacks - at - few;
  assert(more <= Math.ceil((steps - 1) / MOST_AHEAD), `${more} readbacks more than for 3 steps`);
  const text = await Deno.readTextFile(`${run.output("many", "log")}/log.csv`);
  const rows = parseLogCsv(text, "log.csv");
  assertEquals(
    rows.map(({ step }) => step),
    Array.from({ length: steps / 2 }, (_, i) => 2 * i + 2),
  );
  assert(
    ctx.logs.some(({ message }) => /^waited for the device \d+\.\d %, for clips /.test(message)),
  );
  assertEquals(ctx.progressed.at(-1), [3, 3, "steps"]);
});

gpuTest(
  "a run that was killed or stopped on webgpu ends with the bytes of one that was not",
  async () => {
    await using run = await TinyRun.make();
    const params = { mask: { clips: 0 }, knn: { every: 2, k: [1] }, steps: 6, log_every: 2 };
    await run.pretrain("whole", params, {}, onGpu);
    const whole = await outputsOf(run, "whole");
    for (
      const [name, ending] of [["kill", { killAfter: 5 }], ["stop", { stopAfter: 2 }]] as const
    ) {
      await assertRejects(() => run.pretrain(name, params, ending, onGpu), Ended);
      await run.pretrain(name, params, {}, onGpu);
      assertEquals(await outputsOf(run, name), whole);
    }
  },
);

gpuTest("a diverged run on webgpu ends with an error that names step and figure", async () => {
  await using run = await TinyRun.make();
  await assertRejects(
    () => run.pretrain("wild", { ...STEPS_ALONE, lr: 1e30, steps: 4 }, {}, onGpu),
    Error,
    "the training has diverged",
  );
});
