import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { decodeSafetensors, encodeSafetensors } from "../../../stages/formats/safetensors.ts";
import { Classifier } from "../../../stages/model/classifier.ts";
import { areBodies, clipsOf, disposeClips } from "../../../stages/model/present_bodies.ts";
import { SkeAttnCLR } from "../../../stages/model/skeattnclr.ts";
import { startCpu } from "../../../stages/tensor/cpu_backend.ts";
import { classifierBytes, classifierStep, TINY_LABELS, tinyClassifier } from "./tiny_classifier.ts";
import { TINY, TINY_DATA, tinyClips } from "./tiny_model.ts";

await startCpu();

type Weights = Awaited<ReturnType<Classifier["weights"]>>;

/** Names of the tensors that differ between two classifiers. */
function changed(before: Weights, after: Weights): string[] {
  return [...before.keys()].filter((name) =>
    before.get(name)!.data.some((x, i) => x !== after.get(name)!.data[i])
  );
}

Deno.test("steps and logits leave no tensor behind, and a classifier frees all it held", () => {
  const before = tf.memory().numTensors;
  const classifier = tinyClassifier();
  classifierStep(classifier, 0);
  const after = tf.memory().numTensors;
  for (const mode of ["eval", "train"] as const) {
    for (const clip of [null, 0.1]) {
      for (let step = 1; step < 4; step++) classifierStep(classifier, step, { mode, clip });
    }
  }
  assertEquals(tf.memory().numTensors, after);
  const x = tinyClips(0);
  const logits = classifier.logits(x);
  assertEquals(logits.shape, [3, 3]);
  tf.dispose([logits, x]);
  assertEquals(tf.memory().numTensors, after);
  classifier.dispose();
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("eval mode freezes the running statistics and trains everything else, biases before them too", async () => {
  const classifier = tinyClassifier();
  const before = await classifier.weights();
  classifierStep(classifier, 0);
  const moved = changed(before, await classifier.weights());
  const trained = [...before.keys()].filter((name) => !/running_|num_batches/.test(name));
  assertEquals(moved, trained);
  assert(trained.includes("backbone.st_gcn_networks.4.residual.0.bias"));
  classifier.dispose();
});

Deno.test("train mode moves the running statistics, and leaves biases that they take away alone", async () => {
  const classifier = tinyClassifier();
  const before = await classifier.weights();
  classifierStep(classifier, 0, { mode: "train" });
  const after = await classifier.weights();
  const still = [...before.keys()].filter((name) => !changed(before, after).includes(name));
  assert(still.length > 10);
  for (const name of still) assert(/(tcn\.2|residual\.0)\.bias$/.test(name), name);
  assertEquals(after.get("backbone.data_bn.num_batches_tracked")!.data[0], 1n);
  const names = [...before.keys()].filter((name) => /running_/.test(name));
  assertEquals(names.filter((name) => still.includes(name)), []);
  classifier.dispose();
});

Deno.test("dropout is of train mode, and follows from its key", () => {
  const loss = (mode: "eval" | "train", step: number) => {
    const classifier = tinyClassifier();
    classifierStep(classifier, 0, { mode, dropoutKey: [7, step] });
    const later = classifierStep(classifier, 1, { mode, dropoutKey: [8, step] });
    classifier.dispose();
    return later;
  };
  assertEquals(loss("eval", 1), loss("eval", 2));
  assertEquals(loss("train", 1), loss("train", 1));
  assertNotEquals(loss("train", 1), loss("train", 2));
});

Deno.test("the loss is the mean cross-entropy of the logits that eval mode gives", () => {
  const classifier = tinyClassifier();
  classifierStep(classifier, 0, { mode: "train" });
  const x = tinyClips(5);
  const shares = tf.tidy(() => tf.softmax(classifier.logits(x)).arraySync() as number[][]);
  const expected = -shares.reduce((sum, row, i) => sum + Math.log(row[TINY_LABELS[i]!]!), 0) / 3;
  assert(Math.abs(classifierStep(classifier, 5) - expected) < 1e-6);
  x.dispose();
  classifier.dispose();
});

Deno.test("small steps lower the loss, in either mode and with clipping", () => {
  for (const mode of ["eval", "train"] as const) {
    for (const clip of [null, 0.05]) {
      const classifier = Classifier.create({ ...TINY, dropout: 0 }, TINY_DATA, 1);
      const losses = Array.from(
        { length: 5 },
        () => classifierStep(classifier, 0, { mode, clip, dropoutKey: [0, 0] }, tinyClips(0)),
      );
      assert(losses.at(-1)! < losses[0]!, `${mode} ${clip}: ${losses}`);
      classifier.dispose();
    }
  }
});

Deno.test("a clipped step moves the weights by the learning rate times the limit", async () => {
  const classifier = tinyClassifier();
  const before = await classifier.weights();
  classifierStep(classifier, 0, { lr: 2, clip: 1e-3 });
  const after = await classifier.weights();
  let squares = 0;
  for (const [name, { data }] of before) {
    const now = after.get(name)!.data;
    data.forEach((x, i) => squares += (Number(now[i]) - Number(x)) ** 2);
  }
  assert(Math.abs(Math.sqrt(squares) / 2e-3 - 1) < 1e-2, String(Math.sqrt(squares)));
  classifier.dispose();
});

Deno.test("clips given by their bodies give the same step, and are refused in train mode", async () => {
  const values = tinyClips(3).dataSync<"float32">().slice();
  // The second bodies of clips 0 and 2 are absent.
  for (const clip of [0, 2]) {
    const size = values.length / 3;
    for (let i = 1; i < size; i += 2) values[clip * size + i] = 0;
  }
  const shape = { clips: 3, frames: 8, joints: 25, bodies: 2 };
  const bodies = clipsOf(values.slice(), shape);
  assert(areBodies(bodies));
  assertEquals(bodies.each.shape[0], 5);
  const [one, other] = [tinyClassifier(), tinyClassifier()];
  const whole = () => tf.tensor5d(values, [3, 3, 8, 25, 2]);
  const losses = [classifierStep(one, 0, {}, whole()), classifierStep(other, 0, {}, bodies)];
  assertEquals(losses[0], losses[1]);
  const [a, b] = [await one.weights(), await other.weights()];
  for (const [name, { data }] of a) {
    const gap = Math.max(
      ...Array.from<number | bigint, number>(
        data as Float32Array,
        (x, i) => Math.abs(Number(x) - Number(b.get(name)!.data[i])),
      ),
    );
    assert(gap < 1e-6, `${name}: ${gap}`);
  }
  assertThrows(
    () => classifierStep(one, 0, { mode: "train" }, bodies),
    RangeError,
    "mode train: expected whole clips",
  );
  disposeClips(bodies);
  one.dispose();
  other.dispose();
});

Deno.test("a classifier restored in the middle goes on to the same bytes", async () => {
  const take = (classifier: Classifier, from: number, to: number) => {
    for (let step = from; step < to; step++) {
      classifierStep(classifier, step, { mode: step % 2 === 0 ? "eval" : "train", clip: 5 });
    }
  };
  const whole = tinyClassifier();
  take(whole, 0, 4);
  const first = tinyClassifier();
  take(first, 0, 2);
  const saved = decodeSafetensors(encodeSafetensors(await first.state()), "state").tensors;
  const second = tinyClassifier(99);
  second.restore(saved);
  take(second, 2, 4);
  assertEquals(await classifierBytes(second), await classifierBytes(whole));
  assertNotEquals(await classifierBytes(first), await classifierBytes(whole));
  for (const one of [whole, first, second]) one.dispose();
});

Deno.test("a state of another classifier is refused, by name", async () => {
  const classifier = tinyClassifier();
  const state = await classifier.state();
  const other = Classifier.create(TINY, { ...TINY_DATA, classes: 7 }, 1);
  assertThrows(() => other.restore(state), Error, "state trained: expected");
  state.delete("momenta/classifier");
  assertThrows(() => classifier.restore(state), Error, "momenta/classifier");
  other.dispose();
  classifier.dispose();
});

Deno.test("the same step, ten times from the same state, gives the same bytes", async () => {
  const classifier = tinyClassifier();
  const start = await classifier.state();
  const seen = new Set<string>();
  for (let i = 0; i < 10; i++) {
    classifier.restore(start);
    classifierStep(classifier, 0, { mode: "train", clip: 0.1 });
    seen.add(JSON.stringify(await classifierBytes(classifier)));
  }
  assertEquals(seen.size, 1);
  classifier.dispose();
});

Deno.test("an encoder's backbone is taken over whole, and the linear layer begins afresh", async () => {
  const encoder = SkeAttnCLR.create(TINY, TINY_DATA, 3);
  const batch = tinyClips(1);
  await encoder.calibrate([batch]);
  const weights = await encoder.exportWeights();
  const classifier = Classifier.create({ ...TINY, init: "normal02" }, {
    ...TINY_DATA,
    classes: 40,
  }, 1);
  const fresh = await classifier.weights();
  const loss = classifier.step(batch, Int32Array.of(39, 5, 0), {
    lr: 0.1,
    momentum: 0.9,
    weightDecay: 0,
    mode: "eval",
    dropoutKey: [0, 0],
    clip: null,
  });
  classifier.loadBackbone(weights);
  const loaded = await classifier.weights();
  const layer = ["backbone.fc.weight", "backbone.fc.bias"];
  for (const [name, { data }] of loaded) {
    const source = layer.includes(name) ? fresh : weights;
    assertEquals(data, source.get(name)!.data, name);
  }
  assertEquals(
    [...loaded.keys()].filter((name) => !name.startsWith("backbone.")),
    [],
  );
  const fc = loaded.get(layer[0]!)!.data as Float32Array;
  const deviation = Math.sqrt(fc.reduce((sum, x) => sum + x * x, 0) / fc.length);
  assert(Math.abs(deviation / 0.02 - 1) < 0.2, String(deviation));
  assert((loaded.get(layer[1]!)!.data as Float32Array).every((x) => x === 0));
  // Momenta of the step before are gone.
  const momenta = (await classifier.state()).get("momenta/classifier")!.data as Float32Array;
  assert(momenta.every((x) => x === 0));
  tf.dispose([loss, batch]);
  classifier.dispose();
  encoder.dispose();
});

Deno.test("an encoder that lacks a tensor or has another size is refused, by name", async () => {
  const classifier = tinyClassifier();
  const weights = await classifier.weights();
  weights.delete("backbone.fc.weight");
  classifier.loadBackbone(weights);
  const name = "backbone.st_gcn_networks.3.tcn.0.running_var";
  weights.delete(name);
  assertThrows(() => classifier.loadBackbone(weights), Error, `${name}: expected float32`);
  const wide = Classifier.create({ ...TINY, width: 3 }, TINY_DATA, 1);
  const widened = await wide.weights();
  assertThrows(
    () => classifier.loadBackbone(widened),
    Error,
    "gcn.conv.weight: expected float32 of shape [6, 3, 1, 1], found F32 [9, 3, 1, 1]",
  );
  wide.dispose();
  classifier.dispose();
});

Deno.test("labels that are no classes, or not one a clip, are refused", () => {
  const classifier = tinyClassifier();
  const options = {
    lr: 0.1,
    momentum: 0,
    weightDecay: 0,
    mode: "eval",
    dropoutKey: [0, 0],
    clip: null,
  } as const;
  const x = tinyClips(0);
  const before = tf.memory().numTensors;
  assertThrows(
    () => classifier.step(x, Int32Array.of(0, 3, 1), options),
    RangeError,
    "clip 1: expected a class of 0 to 2, found 3",
  );
  assertThrows(
    () => classifier.step(x, Int32Array.of(0), options),
    RangeError,
    "expected 3 labels",
  );
  assertEquals(tf.memory().numTensors, before);
  x.dispose();
  classifier.dispose();
});
