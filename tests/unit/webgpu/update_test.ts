import { assert, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import { KeyQueue } from "../../../stages/model/key_queue.ts";
import { Optimizer } from "../../../stages/model/optimizer.ts";
import { Network } from "../../../stages/model/network.ts";
import { FlatTensors } from "../../../stages/tensor/flat_tensors.ts";
import { fused } from "../../../stages/tensor/fused.ts";
import { readTensors } from "../../../stages/tensor/read_tensors.ts";
import { partGroups } from "../../../stages/tensor/webgpu/part_groups.ts";
import { assertClose } from "../simd/op_run.ts";
import { normal } from "../simd/reference/reference_op.ts";
import { gpuTest, startGpu } from "./gpu_run.ts";

/** More parts than one call takes, of sizes that are no multiples of anything. */
const SLOTS = [
  { name: "a", inner: [3, 5] },
  { name: "b", inner: [1] },
  { name: "c", inner: [130, 257] },
  { name: "d", inner: [2, 2, 2] },
  { name: "e", inner: [64] },
  ...Array.from({ length: 40 }, (_, i) => ({ name: `small${i}`, inner: [3 * i + 2] })),
];
const SIZES = SLOTS.map(({ inner }) => inner.reduce((product, n) => product * n, 1));
const SIZE = SIZES.reduce((sum, size) => sum + size);

/** What some updates leave on a backend: the slots' numbers, their views one after the other, the momenta. */
async function updated(backend: string): Promise<Float32Array[]> {
  await tf.setBackend(backend);
  const before = tf.memory().numTensors;
  const tensors = new FlatTensors(SLOTS, normal(SIZE, 1));
  let momenta = tf.zerosLike(tensors.flat) as Tensor1D;
  const numbers = async (flat: Tensor) => tensors.compact((await readTensors([flat]))[0]!);
  for (let step = 0; step < 3; step++) {
    const gradients = SLOTS.map(({ inner }, i) =>
      tf.tensor(normal(SIZES[i]!, 100 * step + i), inner)
    );
    const options = { lr: 0.1 + step, momentum: 0.9, weightDecay: 1e-2 };
    const next = tensors.descend(gradients, momenta, options);
    if (next !== momenta) momenta.dispose();
    momenta = next;
    tensors.follow(gradients, 0.996);
    const whole = tf.tensor1d(tensors.spread(normal(SIZE, 1000 + step)));
    tensors.follow([whole], 0.9);
    if (step === 1) tensors.load(normal(SIZE, 7));
    tf.dispose([...gradients, whole]);
  }
  const views = await readTensors(tensors.views);
  const all = new Float32Array(views.flatMap((view) => [...view]));
  const found = [await numbers(tensors.flat), all, await numbers(momenta)];
  const sum = (numbers: Float32Array) =>
    numbers.reduce((total, value) => total + Math.abs(value), 0);
  const [flat] = await readTensors([tensors.flat]);
  assert(Math.abs(sum(flat!) - sum(found[0]!)) < 1e-6 * sum(flat!), "numbers between the slots");
  momenta.dispose();
  tensors.dispose();
  assertEquals(tf.memory().numTensors, before);
  return found;
}

gpuTest(
  "updates in place give the values of the definitions, in the buffer and in its views",
  async () => {
    await startGpu();
    const [own, definition] = [await updated("webgpu"), await updated("cpu")];
    await startGpu();
    assertEquals(own[1], own[0]);
    own.forEach((values, i) => {
      assertEquals(values.length, SIZE);
      assertClose(values, definition[i]!, 1e-6, `part ${i}`);
    });
  },
);

gpuTest(
  "updates in place keep the buffer and its views, which begin where devices bind",
  async () => {
    const backend = await startGpu();
    const tensors = new FlatTensors(SLOTS, normal(SIZE, 1));
    const [flat, views] = [tensors.flat, tensors.views];
    assertEquals(flat.size % 64, 0);
    assert(flat.size > tensors.size);
    const before = tf.memory().numTensors;
    const other = tf.tensor1d(tensors.spread(normal(SIZE, 2)));
    backend.profile = new Map();
    tensors.follow([other], 0.5);
    tensors.replace(other);
    assertEquals([...backend.profile].map(([name, { calls }]) => [name, calls]), [
      ["ema of 1", 1],
      ["assign of 1", 1],
    ]);
    backend.profile = undefined;
    other.dispose();
    assert(tensors.flat === flat && tensors.views.every((view, i) => view === views[i]));
    assertEquals(tf.memory().numTensors, before);
    const short = tf.zeros([3]);
    assertThrows(() => tensors.follow([short], 0.5), Error, "numbers");
    assertThrows(() => fused().inPlace!.assign(short, tensors.flat), RangeError, "do not fit 3");
    short.dispose();
    tensors.dispose();
  },
);

gpuTest("library operations on small views compute what they compute on tensors", async () => {
  await startGpu();
  const tensors = new FlatTensors(SLOTS, normal(SIZE, 3));
  const [part] = await readTensors([tensors.view("a")]);
  const twice = tf.tidy(() => tf.mul(tensors.view("a"), 2));
  assertEquals(await twice.data(), part!.map((value) => 2 * value));
  const options = { lr: 1, momentum: 0, weightDecay: 0 };
  const gradients = tensors.views.map((view) => tf.onesLike(view));
  const momenta = tf.zerosLike(tensors.flat) as Tensor1D;
  tensors.descend(gradients, momenta, options);
  const after = tf.tidy(() => tf.mul(tensors.view("a"), 2));
  assertEquals(await after.data(), part!.map((value) => 2 * Math.fround(value - 1)));
  tf.dispose([twice, after, momenta, ...gradients]);
  tensors.dispose();
});

gpuTest("states are the same on webgpu and on cpu, and each takes the other's", async () => {
  await startGpu();
  const specs = [
    { name: "backbone.w", shape: [3, 7], role: "trained" },
    { name: "backbone.b", shape: [5], role: "trained" },
    { name: "backbone.bn.running_mean", shape: [3], role: "mean" },
    { name: "backbone.bn.running_var", shape: [3], role: "variance" },
  ].map((spec) => ({ ...spec, kind: "plain", inner: spec.shape }));
  const numbersOf = async (network: Network, optimizer: Optimizer) => [
    ...await network.state(),
    ...await optimizer.state(),
    ...await network.weights(),
  ];
  const make = (seed: number) => {
    const network = new Network(
      specs as never,
      ({ shape }) => normal(shape.reduce((product, n) => product * n, 1), seed),
    );
    return { network, optimizer: new Optimizer(new Map([["query", network]])) };
  };
  await tf.setBackend("cpu");
  const plain = make(1);
  const expected = await numbersOf(plain.network, plain.optimizer);
  const states = [await plain.network.state(), await plain.optimizer.state()] as const;
  await tf.setBackend("webgpu");
  const own = make(2);
  own.network.restore(states[0]);
  own.optimizer.restore(states[1]);
  assertEquals(await numbersOf(own.network, own.optimizer), expected);
  own.network.load(await own.network.weights());
  assertEquals(await numbersOf(own.network, own.optimizer), expected);
  for (const { network, optimizer } of [own]) {
    network.dispose();
    optimizer.dispose();
  }
  await tf.setBackend("cpu");
  plain.network.dispose();
  plain.optimizer.dispose();
});

gpuTest("a queue on webgpu holds what one on cpu holds", async () => {
  await startGpu();
  const states: unknown[] = [];
  for (const backend of ["webgpu", "cpu"]) {
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

gpuTest(
  "gradients of many parameters are summed in few calls, each in the order in which they came",
  async () => {
    const backend = await startGpu();
    const sizes = [...SIZES, 1, 1000];
    const lists = sizes.map((size, i) =>
      Array.from({ length: 2 + i % 3 }, (_, t) => tf.tensor1d(normal(size, 10 * i + t)))
    );
    backend.profile = new Map();
    const sums = fused().sumEach!(lists);
    const calls = [...backend.profile.values()].reduce((sum, count) => sum + count.calls, 0);
    backend.profile = undefined;
    assert(calls < sizes.length, `${calls} calls`);
    const found = await readTensors(sums);
    sizes.forEach((size, i) => {
      const expected = normal(size, 10 * i);
      for (let t = 1; t < lists[i]!.length; t++) {
        normal(size, 10 * i + t).forEach((value, at) => expected[at]! += value);
      }
      assertEquals(found[i], expected);
    });
    tf.dispose([...lists.flat(), ...sums]);
  },
);

Deno.test("tensors of like sizes share a call, few that are large, none that is empty", () => {
  assertEquals(partGroups([1, 0, 3, 2, 3], 2), [[2, 4], [3, 0]]);
  const sizes = [...Array(6).fill(5000), ...Array(10).fill(7)];
  assertEquals(partGroups(sizes, 8).map((group) => group.length), [4, 4, 8]);
  assertEquals(partGroups(sizes, 3).flat().toSorted((a, b) => a - b), [...sizes.keys()]);
  assertEquals(partGroups([], 8), []);
});
