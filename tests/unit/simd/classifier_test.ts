/** A classifier's steps on the kernels: bytes, memory, and the same outcome as without them. */
import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { setFused } from "../../../stages/tensor/fused.ts";
import type { SafeTensor } from "../../../stages/formats/safetensors.ts";
import { Classifier } from "../../../stages/model/classifier.ts";
import { clipsOf, disposeClips } from "../../../stages/model/present_bodies.ts";
import { randomStream } from "../../../stages/random.ts";
import { startCpu } from "../../../stages/tensor/cpu_backend.ts";
import { SIMD_OPS } from "../../../stages/tensor/simd/simd_ops.ts";
import { addSupervisedOps } from "../../../stages/tensor/simd/supervised_start.ts";
import { startSimd } from "./kernels.ts";

/** Convolutions in Winograd's form, two bodies, and a batch that no vector's length divides. */
const CONFIG = {
  width: 16,
  hidden_dim: 32,
  dropout: 0.5,
  stream: "bone",
  init: "pytorch",
} as const;
const DATA = { bodies: 2, frames: 16, classes: 7 };
const LABELS = Int32Array.of(6, 0, 3);

async function start(threads: number) {
  const { pool } = await startSimd(threads);
  addSupervisedOps();
  return pool;
}

function clipsAt(step: number, absent = false) {
  const values = new Float32Array(3 * 3 * DATA.frames * 25 * DATA.bodies);
  randomStream(4, "test/classifier", step).fillNormal(values, 0, 0.5);
  if (absent) { for (let i = 1; i < 2 * values.length / 3; i += 2) values[i] = 0; }
  const shape = { clips: 3, frames: DATA.frames, joints: 25, bodies: DATA.bodies };
  return clipsOf(values, shape);
}

/** Steps of both modes and kinds of clips; returns the losses. */
function take(classifier: Classifier, steps: number, lr = 0.02): number[] {
  return Array.from({ length: steps }, (_, step) => {
    const mode = step % 3 === 2 ? "train" : "eval";
    const clips = clipsAt(step, step % 3 === 1);
    const loss = classifier.step(clips, LABELS, {
      lr,
      momentum: 0.9,
      weightDecay: 1e-3,
      mode,
      dropoutKey: [3, step],
      clip: step % 2 === 0 ? 1 : null,
    });
    const value = loss.dataSync()[0]!;
    loss.dispose();
    disposeClips(clips);
    return value;
  });
}

async function after(steps: number): Promise<Map<string, SafeTensor>> {
  const classifier = Classifier.create(CONFIG, DATA, 2);
  take(classifier, steps);
  const state = await classifier.state();
  classifier.dispose();
  return state;
}

Deno.test("steps on 1, 2 and 3 threads, and ten repeats, leave the same bytes of state", async () => {
  await start(1);
  const alone = await after(4);
  for (const threads of [2, 3]) {
    await start(threads);
    assertEquals(await after(4), alone);
  }
  await start(2);
  for (let repeat = 0; repeat < 10; repeat++) assertEquals(await after(4), alone);
});

Deno.test("the kernels' steps are those of the plain operations, and of the cpu backend", async () => {
  const outcome = async () => {
    const classifier = Classifier.create(CONFIG, DATA, 2);
    const losses = take(classifier, 3);
    const weights = await classifier.weights();
    classifier.dispose();
    return { losses, weights };
  };
  await start(2);
  const own = await outcome();
  setFused("simd", SIMD_OPS);
  const plain = await outcome();
  await startCpu();
  const cpu = await outcome();
  for (const other of [plain, cpu]) {
    own.losses.forEach((loss, i) => assert(Math.abs(loss / other.losses[i]! - 1) < 1e-5));
    for (const [name, { data }] of own.weights) {
      if (!(data instanceof Float32Array)) continue;
      const expected = other.weights.get(name)!.data as Float32Array;
      const largest = Math.max(...expected.map(Math.abs), 1e-3);
      data.forEach((x, i) =>
        assert(Math.abs(x - expected[i]!) < 1e-4 * largest, `${name}: ${x} ${expected[i]}`)
      );
    }
  }
});

Deno.test("logits of clips with absent bodies are those of whole clips, to the bit", async () => {
  await start(2);
  const classifier = Classifier.create(CONFIG, DATA, 2);
  take(classifier, 3);
  const bodies = clipsAt(1, true);
  assert("each" in bodies);
  const whole = tf.tidy(() => {
    const rows = tf.gather(bodies.each, tf.tensor1d([...bodies.rows], "int32"));
    const paired = tf.reshape(rows, [3, 2, 3, DATA.frames, 25]);
    return tf.transpose(paired, [0, 2, 3, 4, 1]);
  });
  const logits = [classifier.logits(bodies), classifier.logits(whole)];
  assertEquals(logits[0]!.dataSync(), logits[1]!.dataSync());
  tf.dispose([...logits, whole]);
  disposeClips(bodies);
  classifier.dispose();
});

Deno.test("steps leave tensors and kernel memory as they were", async () => {
  const pool = await start(2);
  const classifier = Classifier.create({ ...CONFIG, width: 4 }, DATA, 2);
  take(classifier, 6);
  const now = () => ({
    tensors: tf.memory().numTensors,
    buffers: tf.memory().numDataBuffers,
    bytes: pool.bytes,
    parts: pool.freeParts,
  });
  const before = now();
  for (let round = 0; round < 5; round++) {
    const losses = take(classifier, 6, 1e-3);
    assert(losses.every(Number.isFinite));
    assertEquals(now(), before);
  }
  classifier.dispose();
});
