import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { decodeSafetensors, encodeSafetensors } from "../../../stages/formats/safetensors.ts";
import { disposeStep } from "../../../stages/model/model_types.ts";
import { SkeAttnCLR } from "../../../stages/model/skeattnclr.ts";
import { startCpu } from "../../../stages/tensor/cpu_backend.ts";
import { bytesOf, quietStep, TINY, TINY_DATA, tinyClips, tinyStep } from "./tiny_model.ts";

await startCpu();

function floats(weights: Awaited<ReturnType<SkeAttnCLR["exportWeights"]>>, name: string) {
  return Array.from(weights.get(name)!.data as Float32Array);
}

Deno.test("steps leave no tensor behind but their output, and a model frees all it held", () => {
  const before = tf.memory().numTensors;
  const model = SkeAttnCLR.create(TINY, TINY_DATA, 1);
  quietStep(model, 0);
  const after = tf.memory().numTensors;
  for (let step = 1; step < 4; step++) quietStep(model, step);
  assertEquals(tf.memory().numTensors, after);
  const x = tinyClips(0);
  for (const result of [model.features(x), model.embed(x), model.mask(x), model.logits(x)]) {
    result.dispose();
  }
  x.dispose();
  assertEquals(tf.memory().numTensors, after);
  model.dispose();
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("the same step, ten times from the same state, gives the same bytes", async () => {
  const model = SkeAttnCLR.create(TINY, TINY_DATA, 1);
  const start = await model.state();
  const seen = new Set<string>();
  for (let i = 0; i < 10; i++) {
    model.restore(start);
    quietStep(model, 0);
    seen.add(await bytesOf(model));
  }
  assertEquals(seen.size, 1);
  model.dispose();
});

Deno.test("a model restored in the middle goes on to the same bytes", async () => {
  const whole = SkeAttnCLR.create(TINY, TINY_DATA, 1);
  for (let step = 0; step < 4; step++) quietStep(whole, step);
  const first = SkeAttnCLR.create(TINY, TINY_DATA, 1);
  for (let step = 0; step < 2; step++) quietStep(first, step);
  const saved = decodeSafetensors(encodeSafetensors(await first.state()), "state").tensors;
  const second = SkeAttnCLR.create(TINY, TINY_DATA, 99);
  second.restore(saved);
  for (let step = 2; step < 4; step++) quietStep(second, step);
  assertEquals(await bytesOf(second), await bytesOf(whole));
  assertNotEquals(await bytesOf(first), await bytesOf(whole));
  for (const model of [whole, first, second]) model.dispose();
});

Deno.test("a state of another model is refused, by name", async () => {
  const model = SkeAttnCLR.create(TINY, TINY_DATA, 1);
  const state = await model.state();
  const other = SkeAttnCLR.create({ ...TINY, queue: 12 }, TINY_DATA, 1);
  assertThrows(() => other.restore(state), Error, "state queue: expected float32 of shape [12, 6]");
  state.delete("query/trained");
  assertThrows(() => model.restore(state), Error, "trained");
  model.dispose();
  other.dispose();
});

Deno.test("the key encoder starts as a copy or apart, and follows by its momentum", async () => {
  const name = "backbone.st_gcn_networks.4.tcn.2.weight";
  const copy = SkeAttnCLR.create(TINY, TINY_DATA, 1);
  const apart = SkeAttnCLR.create({ ...TINY, keyInit: "independent" }, TINY_DATA, 1);
  assertEquals(
    floats(await copy.exportWeights("key"), name),
    floats(await copy.exportWeights(), name),
  );
  assertNotEquals(
    floats(await apart.exportWeights("key"), name),
    floats(await apart.exportWeights(), name),
  );
  const before = floats(await apart.exportWeights("key"), name);
  quietStep(apart, 0);
  const query = floats(await apart.exportWeights(), name);
  floats(await apart.exportWeights("key"), name).forEach((value, i) => {
    assert(Math.abs(value - (0.9 * before[i]! + 0.1 * query[i]!)) < 1e-6);
  });
  copy.dispose();
  apart.dispose();
});

Deno.test("dropout follows the key of the step, and 0 switches it off", () => {
  const total = (dropout: number, step: number) => {
    const model = SkeAttnCLR.create({ ...TINY, dropout }, TINY_DATA, 1);
    const xq = tinyClips(0);
    const out = model.step(xq, xq, null, { lr: 0, emaMomentum: 1, dropoutKey: [1, step] });
    const value = out.total.dataSync()[0]!;
    disposeStep(out);
    xq.dispose();
    model.dispose();
    return value;
  };
  assertEquals(total(0.5, 0), total(0.5, 0));
  assertNotEquals(total(0.5, 0), total(0.5, 1));
  assertEquals(total(0, 0), total(0, 1));
});

Deno.test("with mu = 1 only weight decay moves the non-salient predictor", async () => {
  const model = SkeAttnCLR.create({ ...TINY, mu: 1 }, TINY_DATA, 1);
  const name = "predictor_ns.mlp.0.weight";
  const before = floats(await model.exportWeights("predictors"), name);
  quietStep(model, 0);
  floats(await model.exportWeights("predictors"), name).forEach((value, i) => {
    assert(Math.abs(value - before[i]! * (1 - 0.05 * 1e-4)) < 1e-7);
  });
  model.dispose();
});

Deno.test("data of one body has no second slot: features are those of the body alone", () => {
  const data = { ...TINY_DATA, bodies: 1 };
  const model = SkeAttnCLR.create(TINY, data, 1);
  const out = tinyStep(model, 0);
  assert(Number.isFinite(out.total.dataSync()[0]!));
  disposeStep(out);
  const x = tinyClips(0, data);
  assertEquals(model.features(x).shape, [3, 8]);
  assertEquals(model.mask(x).shape, [3, 50, 8]);
  x.dispose();
  model.dispose();
});

Deno.test("weights survive a file, and set an encoder that then gives the same features", async () => {
  const model = SkeAttnCLR.create(TINY, TINY_DATA, 1);
  quietStep(model, 0);
  const file = encodeSafetensors(await model.exportWeights());
  const other = SkeAttnCLR.create(TINY, TINY_DATA, 2);
  const x = tinyClips(5);
  const features = (of: SkeAttnCLR) => Array.from(of.features(x).dataSync());
  assertNotEquals(features(other), features(model));
  other.loadWeights(decodeSafetensors(file, "weights").tensors);
  assertEquals(features(other), features(model));
  const short = await model.exportWeights();
  short.delete("neck.proj.mlp.0.weight");
  assertThrows(
    () => other.loadWeights(short),
    Error,
    "neck.proj.mlp.0.weight: expected float32 of shape [8, 8, 1], found no such tensor",
  );
  x.dispose();
  model.dispose();
  other.dispose();
});

Deno.test("calibration sets running statistics to averages over batches, and nothing else", async () => {
  const model = SkeAttnCLR.create(TINY, TINY_DATA, 1);
  const before = await model.exportWeights();
  const batches = [tinyClips(1), tinyClips(2)];
  await model.calibrate(batches);
  const after = await model.exportWeights();
  for (const [name, { data }] of after) {
    const same = Array.from(data as Float32Array).join() ===
      Array.from(before.get(name)!.data as Float32Array).join();
    assertEquals(same, !/running_|num_batches/.test(name), name);
  }
  // The data's own normalisation sees the clips themselves: joint 0, x is its first channel.
  const first = batches.map((x) => {
    const values = tf.slice(x, [0, 0, 0, 0, 0], [3, 1, 8, 1, 2]);
    const { mean, variance } = tf.moments(values);
    return { mean: mean.dataSync()[0]!, variance: variance.dataSync()[0]! * 48 / 47 };
  });
  const near = (name: string, expected: number) => {
    const found = floats(after, name)[0]!;
    assert(Math.abs(found - expected) < 1e-5, `${name}: expected ${expected}, found ${found}`);
  };
  near("backbone.data_bn.running_mean", (first[0]!.mean + first[1]!.mean) / 2);
  near("backbone.data_bn.running_var", (first[0]!.variance + first[1]!.variance) / 2);
  tf.dispose(batches);
  model.dispose();
});
