/** A classifier's steps on WebGPU, where the machine has an adapter. */
import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { Classifier } from "../../../stages/model/classifier.ts";
import { clipsOf, disposeClips } from "../../../stages/model/present_bodies.ts";
import { randomStream } from "../../../stages/random.ts";
import { adapterReport } from "../../../stages/tensor/adapter_report.ts";
import { startBackend } from "../../../stages/tensor/backend.ts";
import { TINY_LABELS } from "./tiny_classifier.ts";
import { TINY, TINY_DATA } from "./tiny_model.ts";

const { found } = await adapterReport();
const gpuTest = (name: string, fn: () => Promise<void>) =>
  Deno.test({ name: `${name} [needs mesa-vulkan-drivers]`, ignore: !found, fn });

/** Clips as a step in eval mode takes them: by their bodies, one of which is absent twice. */
function clipsAt(step: number, absent: boolean) {
  const values = new Float32Array(3 * 3 * 8 * 25 * 2);
  randomStream(4, "test/classifier", step).fillNormal(values, 0, 0.5);
  if (absent) { for (let i = 1; i < 2 * values.length / 3; i += 2) values[i] = 0; }
  return clipsOf(values, { clips: 3, frames: 8, joints: 25, bodies: 2 });
}

async function step(classifier: Classifier, at: number): Promise<number> {
  const mode = at % 3 === 2 ? "train" : "eval";
  const clips = clipsAt(at, at % 3 === 1);
  const loss = classifier.step(clips, TINY_LABELS, {
    lr: 0.02,
    momentum: 0.9,
    weightDecay: 1e-3,
    mode,
    dropoutKey: [3, at],
    clip: at % 2 === 0 ? 1 : null,
  });
  const [value] = await loss.data();
  loss.dispose();
  disposeClips(clips);
  return value!;
}

gpuTest("a classifier's steps on webgpu are those of the cpu to float32's rounding", async () => {
  const run = async (name: "cpu" | "webgpu") => {
    await startBackend(name, { allowSoftware: true });
    const classifier = Classifier.create(TINY, TINY_DATA, 1);
    const losses = [await step(classifier, 0)];
    const before = tf.memory().numTensors;
    losses.push(await step(classifier, 1), await step(classifier, 2));
    assertEquals(tf.memory().numTensors, before);
    const clips = clipsAt(5, false);
    const logits = classifier.logits(clips);
    losses.push(...await logits.data());
    logits.dispose();
    disposeClips(clips);
    const weights = await classifier.weights();
    classifier.dispose();
    return { losses, weights };
  };
  const cpu = await run("cpu");
  const gpu = await run("webgpu");
  cpu.losses.forEach((value, i) =>
    assert(Math.abs(value - gpu.losses[i]!) < 1e-4 * Math.max(1, Math.abs(value)), `loss ${i}`)
  );
  for (const [name, { data }] of cpu.weights) {
    if (!(data instanceof Float32Array)) continue;
    const other = gpu.weights.get(name)!.data as Float32Array;
    const scale = Math.max(...data.map(Math.abs), 1e-2);
    data.forEach((x, i) => assert(Math.abs(x - other[i]!) < 2e-3 * scale, `${name}: ${x}`));
  }
});

gpuTest(
  "on webgpu the same steps, three times from the same state, gives the same bytes",
  async () => {
    await startBackend("webgpu", { allowSoftware: true });
    const classifier = Classifier.create(TINY, TINY_DATA, 1);
    const start = await classifier.state();
    const first: Record<string, unknown>[] = [];
    for (let i = 0; i < 3; i++) {
      classifier.restore(start);
      await step(classifier, 0);
      await step(classifier, 1);
      first.push(Object.fromEntries(await classifier.state()));
      assertEquals(first.at(-1), first[0]);
    }
    classifier.dispose();
  },
);
