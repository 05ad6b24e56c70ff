import { assert, assertEquals, assertRejects } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import type { StageMain } from "../../../pipeline/stage.ts";
import type { ClipStore } from "../../../stages/clips/clip_store.ts";
import { encodeClips } from "../../../stages/encode/encode_clips.ts";
import type { Clips } from "../../../stages/model/present_bodies.ts";
import { disposeStep, type StepOutput } from "../../../stages/model/model_types.ts";
import { chanceLevels, parseLogCsv } from "../../../stages/pretrain/log_row.ts";
import { pretrain } from "../../../stages/pretrain/pretrain.ts";
import { MOST_AHEAD, ReadPace } from "../../../stages/pretrain/read_pace.ts";
import { StepLog } from "../../../stages/pretrain/step_log.ts";
import { TrainingLog } from "../../../stages/pretrain/training_log.ts";
import { randomStream } from "../../../stages/random.ts";
import { readTensors } from "../../../stages/tensor/read_tensors.ts";
import { supervised } from "../../../stages/supervised/supervised.ts";
import { LabelledRun } from "../finetune/labelled_run.ts";
import { Ended, treeOf } from "../pretrain/fake_context.ts";
import { TinyRun } from "../pretrain/tiny_run.ts";
import { DeviceClock } from "../../../stages/tensor/webgpu/device_clock.ts";
import { normal } from "../simd/reference/reference_op.ts";
import { gpuTest, startGpu } from "./gpu_run.ts";

const LONG = Deno.env.has("SKELRUN_LONG");

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

Deno.test("waits for a device add up, and those that overlap count once", async () => {
  const clock = new DeviceClock();
  const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  const from = performance.now();
  await Promise.all([clock.during(() => wait(40)), clock.during(() => wait(60))]);
  const both = performance.now() - from;
  assert(clock.ms > 50 && clock.ms <= both, `${clock.ms} ms of ${both}`);
  const first = clock.ms;
  await wait(30);
  assertEquals(clock.ms, first);
  await assertRejects(() => clock.during(() => Promise.reject(new Error("lost"))), Error, "lost");
  assertEquals(clock.handing(() => 7), 7);
  assert(clock.ms >= first && clock.ms < first + 30);
});

Deno.test("a device is read after one step, then after as many as take twenty seconds, at most 50", () => {
  const pace = new ReadPace();
  const now = performance.now();
  assertEquals(pace.steps, 1);
  pace.read(1, now + 30_000);
  assertEquals(pace.steps, 1);
  pace.read(1, now + 31_900);
  assertEquals(pace.steps, 10, "1.9 seconds each");
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

/** What a step might leave: figures and embeddings that are the same whenever they are made. */
function fakeOutput(step: number): StepOutput {
  const random = randomStream(1, "figures", step);
  const figure = () => tf.scalar(random.uniform());
  const rows = () => tf.tensor2d(normal(24, step), [4, 6]);
  const three = () => ({ z: figure(), s: figure(), ns: figure() });
  return {
    ...{ L_z: figure(), L_s: figure(), L_ns: figure(), total: figure() },
    ...{ positive: three(), negative: three() },
    ...{ q_z: rows(), k_z: rows(), k_s: rows(), k_ns: rows() },
  };
}

/** The rows that so many steps leave, and what is said of them; the log is read whenever it is due. */
async function logged(steps: number, every: number) {
  const log = new TrainingLog(chanceLevels(8));
  const said: string[] = [];
  const say = (_: unknown, message: string) => void said.push(message);
  const waiting = new StepLog(log, 0, { queue: 8, batch: 4, say });
  const before = tf.memory().numTensors;
  for (let done = 1; done <= steps; done++) {
    const out = fakeOutput(done);
    const moment = { step: done, epoch: 1, learningRate: 0.1 / done, emaMomentum: 0.9 };
    waiting.add(out, done % every === 0 || done === steps ? moment : undefined);
    disposeStep(out);
    if (waiting.due || done === steps) await waiting.read();
    assert(!waiting.ahead || waiting.known >= done - MOST_AHEAD);
  }
  assertEquals([waiting.known, tf.memory().numTensors], [steps, before]);
  waiting.dispose();
  return { rows: log.rows, said };
}

gpuTest(
  "figures and rows are read once in 50 steps, and are those of a backend that reads every row",
  async () => {
    const backend = await startGpu();
    for (const [steps, every] of [[160, 7], [101, 1], [120, 200]] as const) {
      const from = backend.readbacks;
      const found = await logged(steps, every);
      // After the first step, after every 50 that follow, and at the end.
      assertEquals(backend.readbacks - from, 1 + Math.ceil((steps - 1) / MOST_AHEAD));
      await tf.setBackend("cpu");
      assertEquals(found, await logged(steps, every));
      await tf.setBackend("webgpu");
    }
  },
);

gpuTest(
  "pre-training reads back no step alone, says what was waited for, and ends its bar",
  async () => {
    const backend = await startGpu();
    await using run = await TinyRun.make();
    const readbacks = async (name: string, steps: number) => {
      const from = backend.readbacks;
      const ctx = await run.pretrain(name, { ...STEPS_ALONE, steps }, {}, onGpu);
      const said = ctx.logs.map(({ message }) => message);
      assert(said.some((text) => /^waited for the device \d+\.\d %, for clips /.test(text)));
      assertEquals(ctx.progressed.at(-1), [steps, steps, "steps"]);
      return backend.readbacks - from;
    };
    const few = await readbacks("few", 3);
    const steps = LONG ? 160 : 4;
    const more = await readbacks("many", steps);
    // Steps that take long are read more often, and more so where kernels are compiled on the way.
    assert(
      more - few <= Math.ceil((steps - 1) / MOST_AHEAD),
      `${more} readbacks, ${few} in 3 steps`,
    );
    const text = await Deno.readTextFile(`${run.output("many", "log")}/log.csv`);
    const rows = parseLogCsv(text, "log.csv");
    assertEquals(
      rows.map(({ step }) => step),
      Array.from({ length: steps / 2 }, (_, i) => 2 * i + 2),
    );
  },
);

gpuTest("the clips of the next step are sent before anything is waited for", async () => {
  const backend = await startGpu();
  await using run = await TinyRun.make();
  const { queue } = backend.device;
  const [write, read] = [queue.writeBuffer.bind(queue), backend.readAll.bind(backend)];
  let sent = 0;
  const sentBeforeReads: number[] = [];
  queue.writeBuffer = (...args) => {
    if (args[2].byteLength === 4 * 3 * 4 * 25 * 4) sent++; // 4 clips of 4 frames
    write(...args);
  };
  backend.readAll = (tensors) => {
    sentBeforeReads.push(sent);
    return read(tensors);
  };
  try {
    await run.pretrain("ahead", { ...STEPS_ALONE, steps: 3 }, {}, onGpu);
  } finally {
    queue.writeBuffer = write;
    backend.readAll = read;
  }
  // The first readback is that of the first step.
  assertEquals([sentBeforeReads[0], sentBeforeReads.at(-1)], [2, 3]);
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

gpuTest("encoded clips are read once in eight batches, every row in its place", async () => {
  const backend = await startGpu();
  const [frames, joints, bodies, batch] = [1, 25, 1, 3];
  // Clip i is full of i + 1: a clip that is all zero would be one that is absent.
  const read = (indices: ArrayLike<number>) =>
    Promise.resolve(
      Float32Array.from(
        { length: indices.length * 75 },
        (_, at) => indices[Math.floor(at / 75)]! + 1,
      ),
    );
  const store = { meta: { frames, joints, bodies }, read } as unknown as ClipStore;
  const encode = (clips: Clips) =>
    tf.tidy(() =>
      tf.slice(tf.reshape(clips as tf.Tensor, [-1, 75]), [0, 0], [-1, 2]) as tf.Tensor2D
    );
  for (const count of [1, 8, 24, 25, 60]) {
    const indices = Array.from({ length: count }, (_, i) => 7 * i % 61);
    const from = backend.readbacks;
    const tensors = tf.memory().numTensors;
    const done: number[] = [];
    const { rows, columns, values } = await encodeClips(encode, store, indices, batch, (so) => {
      done.push(so);
      return Promise.resolve();
    });
    assertEquals([rows, columns], [count, 2]);
    assertEquals([...values], indices.flatMap((i) => [i + 1, i + 1]));
    assertEquals(backend.readbacks - from, Math.ceil(Math.ceil(count / batch) / 8));
    assertEquals([done.length, done.at(-1)], [Math.ceil(count / batch), count]);
    assertEquals(tf.memory().numTensors, tensors);
  }
});

gpuTest(
  "labelled training on webgpu that was killed and stopped ends with the bytes of one that was not",
  async () => {
    await using run = await LabelledRun.make();
    const params = { epochs: 2, milestones: [1], evaluate_every: 1 };
    const main: StageMain = async (ctx) => {
      await startGpu();
      await supervised(ctx, { checkpointInterval: -1 });
    };
    await run.train("supervised", "whole", params, { main });
    for (const ending of [{ killAfter: 3 }, { stopAfter: 2 }]) {
      await assertRejects(
        () => run.train("supervised", "parts", params, { main, ...ending }),
        Ended,
      );
    }
    await run.train("supervised", "parts", params, { main });
    assertEquals(await run.outputs("parts"), await run.outputs("whole"));
  },
);
