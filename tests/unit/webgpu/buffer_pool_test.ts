import { assert, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { relu } from "../../../stages/tensor/ops/activation.ts";
import { readTensors } from "../../../stages/tensor/read_tensors.ts";
import { NO_TAPE } from "../../../stages/tensor/tape.ts";
import { BufferPool } from "../../../stages/tensor/webgpu/buffer_pool.ts";
import { gpuTest, startGpu } from "./gpu_run.ts";

/** A device whose buffers are names, and a list of those that were destroyed. */
function fakeDevice() {
  const destroyed: number[] = [];
  let made = 0;
  const createBuffer = ({ size, usage }: GPUBufferDescriptor) => {
    const id = made++;
    return { id, size, usage, destroy: () => destroyed.push(id) };
  };
  return { device: { createBuffer } as unknown as GPUDevice, destroyed };
}

Deno.test("a buffer that was given back is the next of its size and usage", () => {
  const { device } = fakeDevice();
  const pool = new BufferPool(device, () => {});
  const first = pool.acquireBuffer(64, 1);
  assert(pool.acquireBuffer(64, 1) !== first);
  pool.releaseBuffer(first);
  assert(pool.acquireBuffer(64, 2) !== first);
  assert(pool.acquireBuffer(128, 1) !== first);
  assert(pool.acquireBuffer(64, 1) === first);
  assertEquals([pool.made, pool.numBytesUsed, pool.numBytesAllocated], [4, 320, 320]);
  pool.releaseBuffer(first);
  assertEquals([pool.getNumUsedBuffers(), pool.getNumFreeBuffers()], [3, 1]);
  assertEquals([pool.numBytesUsed, pool.numBytesAllocated], [256, 320]);
  assertThrows(() => pool.releaseBuffer(first), Error, "not in use");
});

Deno.test("which buffer is next does not hang on the order in which they were given back", () => {
  const { device } = fakeDevice();
  const pool = new BufferPool(device, () => {});
  const buffers = [1, 2, 3, 4].map(() => pool.acquireBuffer(64, 1));
  for (const order of [[0, 1, 2, 3], [2, 0, 3, 1], [3, 2, 1, 0]]) {
    for (const at of order) pool.releaseBuffer(buffers[at]!);
    assert(buffers.every((buffer) => pool.acquireBuffer(64, 1) === buffer));
  }
});

Deno.test("what is written at once goes to buffers that no waiting call uses", () => {
  const { device } = fakeDevice();
  const pool = new BufferPool(device, () => {});
  const first = pool.acquireIdle(64, 1);
  pool.releaseBuffer(first);
  const second = pool.acquireIdle(64, 1);
  assert(second !== first, "the first may be read by a call that is not submitted");
  pool.submitted();
  assert(pool.acquireIdle(64, 1) === first);
  assert(pool.acquireBuffer(64, 1) !== second);
});

Deno.test("buffers that nobody wanted for long are destroyed, those in turn are not", () => {
  const { device, destroyed } = fakeDevice();
  const told: GPUBuffer[] = [];
  const pool = new BufferPool(device, (buffers) => told.push(...buffers));
  const odd = [pool.acquireBuffer(12, 1), pool.acquireBuffer(12, 1), pool.acquireBuffer(20, 1)];
  odd.forEach((buffer) => pool.releaseBuffer(buffer));
  for (let step = 0; step < 2000; step++) {
    const [a, b] = [pool.acquireBuffer(64, 1), pool.acquireIdle(32, 1)];
    pool.releaseBuffer(a);
    pool.releaseBuffer(b);
    pool.submitted();
  }
  assertEquals(destroyed.toSorted(), [0, 1, 2]);
  assert(told.length === 3 && odd.every((buffer) => told.includes(buffer)));
  assertEquals([pool.getNumFreeBuffers(), pool.numBytesAllocated, pool.made], [2, 96, 5]);
});

Deno.test("trimming destroys what is free, but for buffers of calls that wait", () => {
  const { device, destroyed } = fakeDevice();
  const pool = new BufferPool(device, () => {});
  const [a, b, c] = [1, 2, 3].map((size) => pool.acquireBuffer(64 * size, 1));
  pool.releaseBuffer(a!);
  pool.submitted();
  pool.releaseBuffer(b!);
  pool.trim();
  assertEquals(destroyed, [0]);
  pool.submitted();
  pool.trim();
  assertEquals(destroyed, [0, 1]);
  pool.releaseBuffer(c!, false);
  assertEquals(destroyed, [0, 1, 2]);
  assertEquals(pool.numBytesAllocated, 0);
});

gpuTest("shapes that come and go leave no memory or bind groups behind", async () => {
  const backend = await startGpu();
  const pass = async (size: number) => {
    const y = tf.tidy(() => relu(NO_TAPE, tf.tensor1d(new Float32Array(size).fill(size))));
    assertEquals((await readTensors([y]))[0], new Float32Array(size).fill(size));
    y.dispose();
  };
  await pass(1000);
  backend.trim();
  const before = backend.holdings;
  for (let size = 1001; size < 1040; size++) await pass(size);
  assert(backend.holdings.bytesAllocated > before.bytesAllocated);
  assert(backend.holdings.bindGroups > before.bindGroups);
  backend.trim();
  const { made: _before, ...held } = before;
  const { made: _after, ...now } = backend.holdings;
  assertEquals(now, held);
  // What is kept is bounded without being asked, too.
  for (let size = 1001; size < 1040; size++) await pass(size);
  for (let i = 0; i < 800; i++) {
    tf.engine().startScope();
    relu(NO_TAPE, tf.tensor1d([1, 2, 3]));
    tf.engine().endScope();
    backend.submit();
  }
  assert(backend.holdings.buffers <= held.buffers + 4, `${backend.holdings.buffers} buffers`);
  assert(backend.holdings.bindGroups <= held.bindGroups + 4);
});

gpuTest("numbers that are sent while calls wait reach the calls that they are for", async () => {
  await startGpu();
  // Each round frees buffers that waiting calls use, and sends other numbers of the same size.
  const found: tf.Tensor[] = [];
  for (let round = 0; round < 50; round++) {
    found.push(tf.tidy(() => relu(NO_TAPE, tf.tensor1d([round, round + 0.5, -1 - round]))));
  }
  const values = await readTensors(found);
  values.forEach((value, i) => assertEquals([...value], [i, i + 0.5, 0]));
  tf.dispose(found);
});
