/** The device's memory and the heap stay flat over many steps: a thousand under SKELRUN_LONG. */
import v8 from "node:v8";
import vm from "node:vm";
import { memory } from "@tensorflow/tfjs-core";
import { assert, assertEquals } from "@std/assert";
import { SMALLEST, Steps } from "../simd/steps.ts";
import { gpuTest, startGpu } from "./gpu_run.ts";

const LONG = Deno.env.has("SKELRUN_LONG");
const STEPS = LONG ? 1000 : 16;

/** Steps after which code is compiled and caches are full. */
const WARM_UP = LONG ? 40 : 4;

/**
 * Most bytes that JavaScript's heap may grow by: what the engine learns of code that has become hot, and
 * as little for each step as the record of one tensor.
 */
const HEAP = 1_000_000 + 300 * STEPS;

const MIB = 2 ** 20;

gpuTest(`${STEPS} steps leave tensors, buffers, bind groups and heap as they were`, async () => {
  const backend = await startGpu();
  v8.setFlagsFromString("--expose-gc");
  const collect: () => void = vm.runInNewContext("gc");
  /** What must not grow: bytes of the heap apart, which compiled code may move a little. */
  const now = () => {
    collect();
    const { numTensors, numDataBuffers, numBytes } = memory();
    return {
      tensors: numTensors,
      data: numDataBuffers,
      tensorBytes: numBytes,
      ...backend.holdings,
    };
  };
  const curve: string[] = [];
  const look = (step: number) => {
    const { heapUsed, rss } = Deno.memoryUsage();
    const { tensors, buffers, bytesAllocated, bindGroups } = now();
    const mib = (bytes: number) => (bytes / MIB).toFixed(1);
    curve.push(
      `${step}: ${tensors} tensors, ${buffers} buffers of ${mib(bytesAllocated)} MiB, ` +
        `${bindGroups} bind groups, heap ${mib(heapUsed)} MiB, resident ${mib(rss)} MiB`,
    );
  };
  using run = new Steps(SMALLEST);
  const losses = await run.take(WARM_UP);
  const before = now();
  const heapBefore = Deno.memoryUsage().heapUsed;
  look(WARM_UP);
  // In four parts, so that whatever goes up and down again is met on the way as well.
  for (let part = 1; part <= 4; part++) {
    losses.push(...await run.take(STEPS / 4));
    assertEquals(now(), before);
    look(WARM_UP + part * STEPS / 4);
  }
  if (LONG) console.log(curve.join("\n"));
  const grown = Deno.memoryUsage().heapUsed - heapBefore;
  assert(grown < HEAP, `the heap has grown by ${grown} bytes:\n${curve.join("\n")}`);
  assert(losses.every(Number.isFinite) && new Set(losses).size > STEPS / 2);
});

gpuTest(
  "a model that is gone leaves no tensor, and its memory goes when it is asked for",
  async () => {
    const backend = await startGpu();
    backend.trim();
    const [tensors, { bytesUsed, bytesAllocated }] = [memory().numTensors, backend.holdings];
    {
      using run = new Steps(SMALLEST);
      await run.take(1);
      assert(backend.holdings.bytesAllocated > bytesAllocated);
    }
    backend.trim();
    assertEquals(memory().numTensors, tensors);
    assertEquals(backend.holdings.bytesUsed, bytesUsed);
    assertEquals(backend.holdings.bytesAllocated, bytesAllocated);
  },
);
