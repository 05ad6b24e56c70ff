import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import type { GpuLimits, Machine } from "../../../pipeline/stage.ts";
import { Classifier } from "../../../stages/model/classifier.ts";
import { classifierBytes } from "../../../stages/model/classifier_memory.ts";
import { type ModelConfig, modelConfig } from "../../../stages/model/config.ts";
import { gpuEvaluation } from "../../../stages/model/evaluation_memory.ts";
import { gpuBatch, gpuStep } from "../../../stages/model/gpu_memory.ts";
import { disposeStep } from "../../../stages/model/model_types.ts";
import { SkeAttnCLR } from "../../../stages/model/skeattnclr.ts";
import { pretrainParams } from "../../../stages/pretrain/definition.ts";
import { memoryNeed } from "../../../stages/pretrain/memory_need.ts";
import { listedMemory } from "../../../stages/tensor/card_memory.ts";
import { startBackend } from "../../../stages/tensor/backend.ts";
import { type GpuBackend, gpuBackend } from "../../../stages/tensor/webgpu/gpu_backend.ts";
import { DEFAULT_TILES, setTileTable } from "../../../stages/tensor/webgpu/tiles.ts";
import { gpuTest } from "./gpu_run.ts";

const LONG = Deno.env.has("SKELRUN_LONG");

const SHARE = 0.15;

interface Sizes {
  readonly config: ModelConfig;
  readonly frames: number;
  readonly bodies: number;
  readonly batch: number;
}

const sizes = (
  config: Record<string, unknown>,
  frames: number,
  bodies: number,
  batch: number,
): Sizes => ({ config: modelConfig(config), frames, bodies, batch });

const SMALL = sizes(
  { width: 8, hidden_dim: 32, feature_dim: 32, heads: 4, queue: 64 },
  32,
  2,
  8,
);
const MEASURED: readonly Sizes[] = LONG
  ? [
    SMALL,
    sizes({ width: 16, hidden_dim: 128, feature_dim: 64, heads: 4, queue: 1024 }, 64, 2, 4),
    sizes({ width: 16, hidden_dim: 128, feature_dim: 64, heads: 4, queue: 30 }, 16, 1, 3),
    sizes({ width: 64, hidden_dim: 256, feature_dim: 128, heads: 8, queue: 2048 }, 16, 2, 2),
  ]
  : [SMALL];

const clipsOf = ({ batch, frames, bodies }: Sizes) =>
  tf.tensor(new Float32Array(batch * 3 * frames * 25 * bodies).fill(0.5), [
    batch,
    3,
    frames,
    25,
    bodies,
  ]) as tf.Tensor5D;

/** A backend with nothing in its memory yet. */
async function freshBackend(): Promise<GpuBackend> {
  await startBackend("webgpu", { allowSoftware: true });
  return gpuBackend();
}

/** Fails unless what was stated is what the device held, to a share. */
function assertStated(backend: GpuBackend, stated: number): void {
  backend.submit();
  const { bytesAllocated } = backend.holdings;
  const gap = Math.abs(stated / bytesAllocated - 1);
  assert(gap < SHARE, `stated ${stated} bytes, held ${bytesAllocated}`);
}

gpuTest("what a pre-training step takes of the GPU is stated to 15 %", async () => {
  for (const measured of MEASURED) {
    for (const gpuTiles of LONG ? [false, true] : [false]) {
      const { config, frames, bodies, batch } = measured;
      const data = { frames, bodies, classes: 60 };
      const backend = await freshBackend();
      if (gpuTiles) setTileTable(DEFAULT_TILES);
      const model = SkeAttnCLR.create(config, data, 1);
      const swap = { shift: 1, parts: [0], joints: [0, 1, 2], t0: 0, ct: 1 };
      const options = { lr: 0.1, emaMomentum: 0.9, dropoutKey: [1, 2] as const };
      for (let i = 0; i < 2; i++) {
        const [q, k] = [clipsOf(measured), clipsOf(measured)];
        disposeStep(model.step(q, k, swap, options));
        tf.dispose([q, k]);
      }
      assertStated(backend, gpuStep(config, data, batch).bytes);
      model.dispose();
    }
  }
});

gpuTest("what training with labels and evaluation take of the GPU is stated to 15 %", async () => {
  const { config, frames, bodies, batch } = SMALL;
  const data = { frames, bodies, classes: 10 };
  const backend = await freshBackend();
  const classifier = Classifier.create({ ...config, stream: "joint" }, data, 1);
  const labels = new Int32Array(batch);
  for (let i = 0; i < 2; i++) {
    const clips = clipsOf(SMALL);
    const options = { lr: 0.1, momentum: 0.9, weightDecay: 0, clip: null } as const;
    classifier.step(clips, labels, { ...options, mode: "train", dropoutKey: [1, i] }).dispose();
    clips.dispose();
  }
  const bytes = classifierBytes(config, data, batch, "train", false);
  assertStated(backend, gpuBatch(config, data, batch, { bytes, trains: true }).bytes);
  classifier.dispose();

  const other = await freshBackend();
  const model = SkeAttnCLR.create(config, data, 1);
  for (let i = 0; i < 2; i++) {
    const clips = clipsOf(SMALL);
    model.features(clips).dispose();
    clips.dispose();
  }
  assertStated(other, gpuEvaluation(config, data, batch).bytes);
  model.dispose();
});

const CLIPS = { clips: { frames: 64, bodies: 2, classes: 60 } };
const H200: GpuLimits = { tensorMiB: 2047, memoryMiB: 143_771, software: false };

const needOn = (gpu: GpuLimits | undefined, params: Record<string, unknown> = {}) => {
  const machine: Machine = { backend: "webgpu", cores: 16, memoryMiB: 100_000 };
  const known = gpu === undefined ? machine : { ...machine, gpu };
  return memoryNeed(pretrainParams.parse(params), CLIPS, known)!;
};

Deno.test("the released batch fits a data-centre card; what it takes is stated", () => {
  const { problem, peakMiB, gpuMiB } = needOn(H200);
  assertEquals(problem, undefined);
  assert(gpuMiB! > 8_000 && gpuMiB! < 20_000, `${gpuMiB}`);
  assert(peakMiB < 2000);
});

Deno.test("a batch that does not fit is refused with the largest that does", () => {
  const { problem } = needOn({ ...H200, memoryMiB: 8192 });
  assertEquals(problem!.path, ["batch"]);
  assertMatch(
    problem!.message,
    /^expected at most 64, the largest that divides queue 32768 of the \d\d that fit, found 128: a step /,
  );
  assertStringIncludes(problem!.message, "and the GPU has 8192");
  assertEquals(needOn({ ...H200, memoryMiB: 8192 }, { batch: 64 }).problem, undefined);
});

Deno.test("a tensor that the GPU cannot bind refuses a batch, and the largest that fits is named", () => {
  const { problem } = needOn({ ...H200, tensorMiB: 128 });
  assertMatch(problem!.message, /its largest tensor would take \d+ MiB, and the GPU binds 128/);
  const most = Number(/at most (\d+)/.exec(problem!.message)![1]);
  assertEquals(needOn({ ...H200, tensorMiB: 128 }, { batch: most }).problem, undefined);
});

Deno.test("a GPU in software has the machine's memory; of one that tells nothing all is stated", () => {
  const software = needOn({ tensorMiB: 2047, software: true });
  assert(software.peakMiB > software.gpuMiB!);
  const silent = needOn({ tensorMiB: 2047, software: false }, { batch: 256 });
  assertEquals(silent.problem, undefined);
  assertEquals(needOn(undefined).problem, undefined);
});

Deno.test("of several cards of a name the least memory counts, and of others none", () => {
  const list = "NVIDIA H200, 143771\nNVIDIA H200, 70000\nNVIDIA L4, 23034\n";
  assertEquals(listedMemory(list, "NVIDIA H200"), 70000);
  assertEquals(listedMemory(list, "NVIDIA L4"), 23034);
  assertEquals(listedMemory(list, "AMD Radeon"), undefined);
  assertEquals(listedMemory("No devices were found\n", "NVIDIA L4"), undefined);
});
