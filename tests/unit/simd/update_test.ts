import { assert, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import { KeyQueue } from "../../../stages/model/key_queue.ts";
import { SkeAttnCLR } from "../../../stages/model/skeattnclr.ts";
import { FlatTensors } from "../../../stages/tensor/flat_tensors.ts";
import { bytesOf, quietStep, TINY, TINY_DATA, tinyClips } from "../model/tiny_model.ts";
import { startSimd } from "./kernels.ts";
import { normal } from "./reference/reference_op.ts";

const SLOTS = [
  { name: "a", inner: [3, 5] },
  { name: "b", inner: [1] },
  { name: "c", inner: [130, 257] },
  { name: "d", inner: [2, 2, 2] },
];
const SIZES = [15, 1, 130 * 257, 8];
const SIZE = SIZES.reduce((sum, size) => sum + size);

/** What some updates leave on a backend: the buffer, its views one after the other, the momenta. */
async function updated(backend: string): Promise<number[][]> {
  await tf.setBackend(backend);
  const before = tf.memory().numTensors;
  const tensors = new FlatTensors(SLOTS, normal(SIZE, 1));
  let momenta = tf.zeros([SIZE]) as tf.Tensor1D;
  for (let step = 0; step < 3; step++) {
    const gradients = SLOTS.map(({ inner }, i) =>
      tf.tensor(normal(SIZES[i]!, 10 * step + i), inner)
    );
    const options = { lr: 0.1 + step, momentum: 0.9, weightDecay: 1e-4 };
    const next = tensors.descend(gradients, momenta, options);
    if (next !== momenta) momenta.dispose();
    momenta = next;
    tensors.follow(gradients, 0.996);
    const whole = tf.tensor1d(normal(SIZE, 100 + step));
    tensors.follow([whole], 0.9);
    if (step === 1) tensors.replace(whole);
    tf.dispose([...gradients, whole]);
  }
  const views = tensors.views.flatMap((view) => [...view.dataSync()]);
  const found = [[...tensors.flat.dataSync()], views, [...momenta.dataSync()]];
  momenta.dispose();
  tensors.dispose();
  assertEquals(tf.memory().numTensors, before);
  return found;
}

Deno.test("updates in place give the values of the definitions, to the bit, in the buffer and in its views", async () => {
  const backend = await startSimd(2);
  const [own, definition] = [await updated("simd"), await updated("cpu")];
  assertEquals(own[1], own[0]);
  own.forEach((values, i) => {
    assertEquals(values.length, SIZE);
    assert(values.every((value, j) => Object.is(value, definition[i]![j])), `part ${i}`);
  });
  assertEquals(backend.pool.bytes.now, 0);
});

Deno.test("updates in place keep the buffer and its views", async () => {
  await startSimd(1);
  const tensors = new FlatTensors(SLOTS, normal(SIZE, 1));
  const [flat, views] = [tensors.flat, tensors.views];
  const bytes = tf.memory().numTensors;
  const other = tf.tensor1d(normal(SIZE, 2));
  tensors.follow([other], 0.5);
  tensors.replace(other);
  other.dispose();
  assert(tensors.flat === flat && tensors.views.every((view, i) => view === views[i]));
  assertEquals(tf.memory().numTensors, bytes);
  const short = tf.zeros([3]);
  assertThrows(() => tensors.follow([short], 0.5), Error, "numbers");
  short.dispose();
  tensors.dispose();
});

Deno.test("a queue on simd holds what one on cpu holds", async () => {
  await startSimd(1);
  const states: unknown[] = [];
  for (const backend of ["simd", "cpu"]) {
    await tf.setBackend(backend);
    const queue = new KeyQueue(normal(60, 1), 6);
    for (let step = 0; step < 3; step++) {
      const keys = tf.tensor2d(normal(30, 2 + step), [5, 6]) as Tensor2D;
      queue.push(keys);
      keys.dispose();
      states.push([...await queue.state()]);
    }
    queue.load(normal(60, 9));
    states.push([...await queue.state()]);
    queue.dispose();
  }
  assertEquals(states.slice(0, 4), states.slice(4));
});

Deno.test("a model on simd leaves no tensor or memory behind, and goes on from its state to the bit", async () => {
  const backend = await startSimd(2);
  const clips = tinyClips(0);
  const model = SkeAttnCLR.create(TINY, TINY_DATA, 1);
  quietStep(model, 0);
  const before = [tf.memory().numTensors, backend.pool.bytes.now];
  const state = await model.state();
  quietStep(model, 1);
  assertEquals([tf.memory().numTensors, backend.pool.bytes.now], before);
  const expected = await bytesOf(model);
  model.restore(state);
  quietStep(model, 1);
  assertEquals(await bytesOf(model), expected);
  const other = SkeAttnCLR.create(TINY, TINY_DATA, 2);
  other.restore(state);
  quietStep(other, 1);
  assertEquals(await bytesOf(other), expected);
  tf.dispose(clips);
  model.dispose();
  other.dispose();
});
