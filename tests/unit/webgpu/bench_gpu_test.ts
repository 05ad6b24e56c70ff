import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { allCalls, countCalls } from "../../../stages/bench/gpu/call_counts.ts";
import { measureCeilings } from "../../../stages/bench/gpu/ceilings.ts";
import { sweepProducts, sweptShapes, sweptTiles } from "../../../stages/bench/gpu/product_sweep.ts";
import { stepCounts } from "../../../stages/bench/gpu/step_counts.ts";
import { purposeOf, stepTimes } from "../../../stages/bench/gpu/step_times.ts";
import { startStock } from "../../../stages/bench/gpu/stock_peer.ts";
import type { StepCounts } from "../../../stages/bench/gpu/step_counts.ts";
import { Training, type TrainingSize } from "../../../stages/bench/training.ts";
import { relu } from "../../../stages/tensor/ops/activation.ts";
import { NO_TAPE } from "../../../stages/tensor/tape.ts";
import { TILE_CANDIDATES } from "../../../stages/tensor/webgpu/tiles.ts";
import { measureGpu } from "../../../stages/bench/gpu/gpu_suite.ts";
import { gpuTest, startGpu } from "./gpu_run.ts";

const TINY: TrainingSize = { width: 4, hidden: 16, batch: 3, bodies: 1, frames: 8, queue: 9 };

gpuTest(
  "calls of ours and of the library are counted with the bytes that they are given",
  async () => {
    const backend = await startGpu();
    const x = tf.tensor1d(new Float32Array(100).fill(-1));
    const counts = countCalls(backend, () =>
      tf.tidy(() => {
        backend.copy(x, relu(NO_TAPE, x), 10, 50);
        tf.add(x, x);
        tf.add(x, x);
      }));
    assertEquals(allCalls(counts), { calls: 3, bytes: 800 + 2 * 1200 });
    assertEquals(counts.kernels.size, 2);
    assert([...counts.kernels.keys()].some((key) => key.startsWith("relu")));
    assertEquals(counts.kernels.get("BinaryOpProgram")!.calls, 2);
    assertEquals(counts.copies, { calls: 1, bytes: 200 });
    assert(counts.submissions >= 1);
    assert(backend.profile === undefined);
    assertEquals((await x.data())[0], -1);
    x.dispose();
  },
);

gpuTest("what is counted idly does not run, and what follows does", async () => {
  const backend = await startGpu();
  const x = tf.tensor1d([1, 2, 3]), y = tf.tensor1d([0, 0, 0]);
  await Promise.all([x.data(), y.data()]);
  backend.uploadToGPU(x.dataId);
  backend.uploadToGPU(y.dataId);
  backend.submit();
  const { copies, submissions } = countCalls(backend, () => backend.copy(x, y), { idle: true });
  assertEquals([copies.calls, copies.bytes, submissions], [1, 12, 1]);
  assertEquals([...await y.data()], [0, 0, 0]);
  backend.copy(x, y);
  assertEquals([...await y.data()], [1, 2, 3]);
  tf.dispose([x, y]);
});

gpuTest(
  "a step of ours makes a third of the library's calls at most, on fewer bytes",
  async () => {
    await startGpu();
    const stock = await startStock({ size: TINY, allowSoftware: true });
    let its: StepCounts;
    try {
      assert(stock.name.startsWith("stock tfjs webgpu on "), stock.name);
      its = await stock.ask<StepCounts>("count");
    } finally {
      await stock.close();
    }
    const training = new Training(TINY);
    const own = stepCounts(training, { idle: true });
    training.dispose();
    assert(3 * own.calls < its.calls, `${own.calls} calls, and ${its.calls}`);
    assert(own.bytes < its.bytes, `${own.bytes} bytes, and ${its.bytes}`);
    assert(own.calls > 100 && own.bytes > 1e6);
  },
);

gpuTest("every kernel of a step has a purpose, and its time counts there", async () => {
  await startGpu();
  const training = new Training(TINY);
  await training.step();
  const { seconds, kernels, purposes } = await stepTimes(training);
  training.dispose();
  const ours = kernels.map(({ name }) => name).filter((name) => !name.endsWith("Program"));
  assertEquals(ours.filter((name) => purposeOf(name) === "the library's own"), []);
  for (const shares of [kernels, purposes]) {
    const sum = shares.reduce((sum, share) => sum + share.seconds, 0);
    assert(sum > 0 && Math.abs(sum / seconds - 1) < 1e-9);
  }
  assertEquals(purposes.map(({ seconds }) => seconds).toSorted((a, b) => b - a), [
    ...purposes.map(({ seconds }) => seconds),
  ]);
});

gpuTest("steps that are asked for together take as long as they say", async () => {
  await startGpu();
  const training = new Training(TINY);
  await training.step();
  const begun = performance.now();
  const { asking, waiting } = await training.steps(2);
  const all = (performance.now() - begun) / 1000;
  training.dispose();
  assert(asking > 0 && waiting > 0 && Math.abs(asking + waiting - all) < 0.05);
});

gpuTest("ceilings and products are speeds of this device", async () => {
  const backend = await startGpu();
  const before = tf.memory().numTensors;
  const { flops, bandwidth } = await measureCeilings(backend, {
    rounds: 1,
    numbers: 1 << 18,
    workgroups: 2,
  });
  assert(flops > 1e8 && flops < 1e15, String(flops));
  assert(bandwidth > 1e7 && bandwidth < 1e14, String(bandwidth));
  const shape = { M: 128, N: 64, K: 64 };
  const speeds = await sweepProducts(backend, shape, TILE_CANDIDATES.slice(0, 2), 1);
  assertEquals(speeds.length, 2);
  assert(speeds[0]!.flops >= speeds[1]!.flops && speeds[1]!.flops > 1e6);
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("products are swept by tiles that the device can hold and that are no wider than they", () => {
  const limits = {
    maxComputeInvocationsPerWorkgroup: 256,
    maxComputeWorkgroupStorageSize: 16384,
  };
  for (const software of [false, true]) {
    for (const shape of sweptShapes(software)) {
      const tiles = sweptTiles(shape, software, limits);
      assert(tiles.length >= 4, JSON.stringify(shape));
      assert(tiles.every(({ n }) => n <= shape.N));
    }
  }
});

Deno.test("bench gpu refuses what it cannot do before it begins", async () => {
  const refused = async (change: Record<string, unknown>) => {
    const options = {
      backend: "webgpu",
      allowSoftware: true,
      runs: 1,
      numbers: {},
      flags: {},
      files: {},
      terminal: { out: () => {}, err: () => {}, live: false, columns: 80 },
      ...change,
    } as unknown as Parameters<typeof measureGpu>[0];
    try {
      await measureGpu(options);
    } catch (error) {
      return `${(error as Error).name}: ${(error as Error).message}`;
    }
    return "";
  };
  assertEquals(
    await refused({ backend: "cpu" }),
    "UsageError: --backend: expected webgpu, found cpu: bench gpu measures a GPU",
  );
  assert(
    (await refused({ files: { out: "/nowhere/at/all.md" } })).startsWith(
      "UsageError: --out: /nowhere/at/all.md cannot be written",
    ),
  );
  assertEquals(
    await refused({ numbers: { width: 4, frames: 6 } }),
    "UsageError: --frames: expected a multiple of 4, found 6",
  );
  assertEquals(
    await refused({ numbers: { width: 4, batch: 2 } }),
    "UsageError: --batch: expected at least 3, found 2",
  );
});

const LONG = Deno.env.has("SKELRUN_LONG");

if (LONG) {
  gpuTest("bench gpu writes a page on which every part was measured", async () => {
    const out = await Deno.makeTempFile({ prefix: "skelrun-page-" });
    const root = new URL("../../../", import.meta.url).pathname;
    const size = ["--width", "4", "--batch", "3", "--frames", "8", "--runs", "1"];
    try {
      const { stdout, stderr, success } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "-RWES", "--allow-run", "--no-prompt", "main.ts", "bench", "gpu"]
          .concat("--allow-software", "--skip-parity", ...size, "--out", out),
        cwd: root,
      }).output();
      assert(success, new TextDecoder().decode(stderr));
      const page = await Deno.readTextFile(out);
      assertEquals(page, new TextDecoder().decode(stdout));
      assertEquals(page.split("\n").filter((line) => line.startsWith("#")), [
        page.split("\n")[0]!,
        "## The machine",
        "## Correctness",
        "## Ceilings",
        "## Products by tile",
        "## Tiles chosen",
        "## A pre-training step",
        "## Where a step's time goes",
        "## Calls and bytes of a step, before and after fusion",
      ]);
      assert(!page.includes("Not measured"), page);
      assert(page.includes("Self-test: passes"), page);
      assert(/stock tfjs webgpu on .*\d x /.test(page), page);
    } finally {
      await Deno.remove(out);
    }
  });
}
