/** A classifier's steps on `webgpu`: the outcome of the definitions, by kernels of ours, repeatable. */
import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { Classifier } from "../../../stages/model/classifier.ts";
import { clipsOf, disposeClips } from "../../../stages/model/present_bodies.ts";
import { randomStream } from "../../../stages/random.ts";
import { assertClose } from "../simd/op_run.ts";
import { gpuTest, startGpu } from "./gpu_run.ts";

const CONFIG = {
  width: 4,
  hidden_dim: 10,
  dropout: 0.5,
  stream: "bone",
  init: "pytorch",
} as const;
const DATA = { bodies: 2, frames: 8, classes: 7 };
const LABELS = Int32Array.of(6, 0, 3);

/** Clips whose second bodies are absent, or not. */
function clipsAt(step: number, absent: boolean) {
  const values = new Float32Array(3 * 3 * DATA.frames * 25 * DATA.bodies);
  randomStream(4, "test/classifier", step).fillNormal(values, 0, 0.5);
  if (absent) { for (let i = 1; i < 2 * values.length / 3; i += 2) values[i] = 0; }
  return clipsOf(values, { clips: 3, frames: DATA.frames, joints: 25, bodies: DATA.bodies });
}

/** Steps of both modes and kinds of clips, clipped and not: losses, and the weights afterwards. */
async function outcome(backend: "cpu" | "webgpu", steps: number) {
  await tf.setBackend(backend);
  const before = tf.memory().numTensors;
  const classifier = Classifier.create(CONFIG, DATA, 2);
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) {
    const mode = step % 3 === 2 ? "train" : "eval";
    const clips = clipsAt(step, step % 3 === 1);
    const clip = step % 2 === 0 ? 1 : null;
    const rates = { lr: 0.02, momentum: 0.9, weightDecay: 1e-3 };
    const loss = classifier.step(clips, LABELS, { ...rates, mode, dropoutKey: [3, step], clip });
    losses.push((await loss.data())[0]!);
    loss.dispose();
    disposeClips(clips);
  }
  const weights = await classifier.weights();
  classifier.dispose();
  assertEquals(tf.memory().numTensors, before);
  return { losses, weights };
}

gpuTest("a classifier's steps on webgpu are those of the cpu", async () => {
  await startGpu();
  const initial = await outcome("cpu", 0);
  // The third step trains with batch statistics: where one of its ReLUs has an input that is zero but for
  // rounding, a gradient differs by that element's share.
  for (const [steps, share] of [[2, 2e-3], [3, 3e-2]] as const) {
    const own = await outcome("webgpu", steps);
    const definition = await outcome("cpu", steps);
    assertClose(own.losses, definition.losses, 1e-6, "losses");
    for (const [name, { data }] of own.weights) {
      if (!(data instanceof Float32Array)) continue;
      const numbersOf = ({ weights }: typeof own) => weights.get(name)!.data as Float32Array;
      const [expected, first] = [numbersOf(definition), numbersOf(initial)];
      const moved = (numbers: Float32Array) => numbers.map((value, i) => value - first[i]!);
      // Weights of about 1 hold their movements to 1e-7 only.
      assertClose(moved(data), moved(expected), share, `${steps} steps, ${name}`, 1e-4);
    }
  }
});

gpuTest(
  "a classifier's steps on webgpu leave the same bytes again, by kernels of ours",
  async () => {
    const backend = await startGpu();
    const programs = new Set<string>();
    const real = backend.runWebGPUProgram;
    backend.runWebGPUProgram = function (...call) {
      programs.add(call[0].constructor.name);
      return real.apply(this, call);
    };
    backend.profile = new Map();
    try {
      const first = await outcome("webgpu", 3);
      assertEquals(await outcome("webgpu", 3), first);
      assert(backend.profile.size > 30, `${backend.profile.size} kernels of ours`);
      assertEquals([...programs].filter((name) => !name.startsWith("Fill")), []);
    } finally {
      backend.runWebGPUProgram = real;
      backend.profile = undefined;
    }
  },
);
