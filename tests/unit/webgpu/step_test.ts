/** Whole pre-training steps, and evaluation, on `webgpu` beside the definitions on `cpu`. */
import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor5D } from "@tensorflow/tfjs-core";
import type { SafeTensor } from "../../../stages/formats/safetensors.ts";
import { modelConfig } from "../../../stages/model/config.ts";
import { disposeStep } from "../../../stages/model/model_types.ts";
import { clipsOf, disposeClips } from "../../../stages/model/present_bodies.ts";
import { SkeAttnCLR } from "../../../stages/model/skeattnclr.ts";
import { randomStream, streamKey } from "../../../stages/random.ts";
import { JOINTS } from "../../../stages/skeleton/joints.ts";
import { startBackend } from "../../../stages/tensor/backend.ts";
import {
  DEFAULT_TILES,
  setTileTable,
  type TileTable,
} from "../../../stages/tensor/webgpu/tiles.ts";
import { assertClose } from "../simd/op_run.ts";
import { SMALLEST, type SmallModel, Steps } from "../simd/steps.ts";
import { gpuTest, startGpu } from "./gpu_run.ts";

const LONG = Deno.env.has("SKELRUN_LONG");

/** Sizes that no vector and no tile divides, and two bodies. */
const ODD: SmallModel = {
  width: 3,
  hidden_dim: 10,
  feature_dim: 7,
  heads: 2,
  queue: 9,
  batch: 3,
  frames: 12,
  bodies: 2,
  stream: "bone",
};

/** One body, by the same kernels: compiling them is most of these tests' time. */
const ALONE: SmallModel = { ...ODD, bodies: 1, stream: "motion" };

/** Vectors of four throughout. */
const EVEN: SmallModel = SMALLEST;

/** More than one tile of rows, columns and keys. */
const WIDE: SmallModel = {
  width: 16,
  hidden_dim: 64,
  feature_dim: 32,
  heads: 4,
  queue: 600,
  batch: 6,
  frames: 32,
  bodies: 2,
};

const MODELS = LONG ? [ODD, ALONE, EVEN, WIDE] : [ODD, ALONE];

const nameOf = ({ width, stream = "joint", bodies }: SmallModel) =>
  `width ${width}, ${stream}, ${bodies === 1 ? "one body" : "two bodies"}`;

async function start(backend: "cpu" | "webgpu"): Promise<void> {
  if (backend === "webgpu") return void await startGpu();
  await startBackend("cpu");
}

const numbersOf = async (tensor: Tensor) => (await tensor.data<"float32">()).slice();

/** A step's outcome, and the state after it. */
async function step(small: SmallModel, backend: "cpu" | "webgpu") {
  await start(backend);
  const before = tf.memory().numTensors;
  const model = modelOf(small);
  const [query, key] = [clips(small, 0), clips(small, 1)];
  const swap = { shift: 1, t0: 0, ct: 1, parts: [], joints: [7, 3] };
  const out = model.step(query, key, swap, {
    lr: 0.01,
    emaMomentum: 0.9,
    dropoutKey: streamKey(5, "dropout", 1, 0),
  });
  const { L_z, L_s, L_ns, total, positive, negative, ...rows } = out;
  const values = { L_z, L_s, L_ns, total, ...rows };
  const found: Record<string, Float32Array> = {};
  for (const [name, tensor] of Object.entries(values)) found[name] = await numbersOf(tensor);
  for (const part of ["z", "s", "ns"] as const) {
    found[`positive ${part}`] = await numbersOf(positive[part]);
    found[`negative ${part}`] = await numbersOf(negative[part]);
  }
  const state = await model.state();
  disposeStep(out);
  model.dispose();
  tf.dispose([query, key]);
  assertEquals(tf.memory().numTensors - before, 0, `${backend}: tensors are left behind`);
  return { found, state };
}

function modelOf({ batch: _, frames, bodies, ...config }: SmallModel): SkeAttnCLR {
  const whole = modelConfig({ ...config, init: "pytorch" });
  return SkeAttnCLR.create(whole, { frames, bodies, classes: 3 }, 5);
}

function clips({ batch, frames, bodies }: SmallModel, seed: number): Tensor5D {
  const values = new Float32Array(batch * 3 * frames * JOINTS * bodies);
  randomStream(9, "test/clips", seed).fillNormal(values, 0, 0.4);
  return tf.tensor5d(values, [batch, 3, frames, JOINTS, bodies]);
}

/** @param tiles Others than the device's usual ones. */
async function compareStep(small: SmallModel, tiles: TileTable = {}): Promise<void> {
  const cpu = await step(small, "cpu");
  await startGpu();
  setTileTable(tiles);
  const gpu = await step(small, "webgpu").finally(() => setTileTable({}));
  for (const [name, expected] of Object.entries(cpu.found)) {
    assertClose(gpu.found[name]!, expected, 1e-5, name, 1);
  }
  assertEquals([...gpu.state.keys()], [...cpu.state.keys()]);
  for (const [name, tensor] of cpu.state) {
    if (tensor.dtype !== "F32") continue;
    const other = gpu.state.get(name) as Extract<SafeTensor, { dtype: "F32" }>;
    assertClose(other.data, tensor.data, 2e-3, name, 1e-6);
  }
}

for (const small of MODELS) {
  gpuTest(`a step on webgpu is that of the cpu: ${nameOf(small)}`, () => compareStep(small));
}

if (LONG) {
  gpuTest("a step on webgpu by the tiles of GPUs is that of the cpu", async () => {
    for (const small of [ODD, WIDE]) await compareStep(small, DEFAULT_TILES);
  });
}

gpuTest("on webgpu the same two steps, ten times, leave the same bytes", async () => {
  await startGpu();
  const stateOf = async () => {
    using run = new Steps(ODD);
    await run.take(2);
    return await run.bytes();
  };
  const first = await stateOf();
  for (let repeat = 1; repeat < 10; repeat++) assertEquals(await stateOf(), first);
});

gpuTest("a step on webgpu makes no use of the library's kernels but to fill zeros", async () => {
  const backend = await startGpu();
  using run = new Steps(ODD);
  const programs = new Set<string>();
  const real = backend.runWebGPUProgram;
  backend.runWebGPUProgram = function (...call) {
    programs.add(call[0].constructor.name);
    return real.apply(this, call);
  };
  backend.profile = new Map();
  try {
    await run.take(2);
    assert(backend.profile.size > 50, `${backend.profile.size} kernels of ours`);
    assertEquals([...programs].filter((name) => !name.startsWith("Fill")), []);
  } finally {
    backend.runWebGPUProgram = real;
    backend.profile = undefined;
  }
});

gpuTest("features, scores, embeddings and masks on webgpu are those of the cpu", async () => {
  await start("cpu");
  using run = new Steps(ODD);
  await run.take(2);
  const state = await run.model.state();
  const evaluate = async (backend: "cpu" | "webgpu") => {
    await start(backend);
    const model = modelOf(ODD);
    model.restore(state);
    const x = clips(ODD, 2);
    const found = tf.tidy(() =>
      [model.features(x), model.logits(x), model.embed(x), model.mask(x)].map((t) => tf.keep(t))
    );
    const numbers = await Promise.all(found.map(numbersOf));
    tf.dispose([x, ...found]);
    model.dispose();
    return numbers;
  };
  const [cpu, gpu] = [await evaluate("cpu"), await evaluate("webgpu")];
  cpu.forEach((expected, i) => assertClose(gpu[i]!, expected, 2e-4, `output ${i}`));
});

gpuTest(
  "on webgpu features of clips with absent bodies are those of all bodies computed",
  async () => {
    await startGpu();
    using run = new Steps(ODD);
    await run.take(1);
    const { model, small: { frames, bodies } } = run;
    const shape = { clips: 5, frames, joints: JOINTS, bodies };
    const values = new Float32Array(5 * 3 * frames * JOINTS * bodies);
    randomStream(9, "test/bodies", 1).fillNormal(values, 0, 0.3);
    for (const slot of [1, 2, 7, 8, 9]) {
      const [clip, length] = [Math.floor(slot / bodies), values.length / 5];
      for (let i = slot % bodies; i < length; i += bodies) values[clip * length + i] = 0;
    }
    const present = clipsOf(values, shape);
    const all = tf.tensor5d(values, [5, 3, frames, JOINTS, bodies]);
    assert("each" in present && present.rows.length === 10);
    const found = tf.tidy(() => [present, all].map((x) => tf.keep(model.features(x))));
    const [few, many] = await Promise.all(found.map(numbersOf));
    assertClose(few!, many!, 1e-6, "features");
    tf.dispose([...found, all]);
    disposeClips(present);
  },
);
