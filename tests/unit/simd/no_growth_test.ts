/** Memory stays flat over many steps: a thousand under SKELRUN_LONG. */
import v8 from "node:v8";
import vm from "node:vm";
import { memory } from "@tensorflow/tfjs-core";
import { assert, assertEquals } from "@std/assert";
import { startSimd } from "./kernels.ts";
import { SMALLEST, Steps } from "./steps.ts";

const STEPS = Deno.env.has("SKELRUN_LONG") ? 1000 : 200;

/** Steps after which code is compiled and caches are full. */
const WARM_UP = 40;

/**
 * Most bytes that JavaScript's heap may grow by: what the engine learns of code that has become hot, and
 * as little for each step as the record of one tensor.
 */
const HEAP = 500_000 + 300 * STEPS;

Deno.test(`${STEPS} steps leave tensors, kernel memory and heap as they were`, async () => {
  const { pool } = await startSimd(2);
  v8.setFlagsFromString("--expose-gc");
  const collect: () => void = vm.runInNewContext("gc");
  /** What must not grow: bytes of the heap apart, which compiled code may move a little. */
  const now = () => {
    collect();
    const { numTensors, numDataBuffers, numBytes } = memory();
    return {
      tensors: numTensors,
      buffers: numDataBuffers,
      tensorBytes: numBytes,
      kernelBytes: pool.bytes,
      freeParts: pool.freeParts,
      wasmBytes: pool.memory.buffer.byteLength,
    };
  };
  using run = new Steps(SMALLEST);
  const losses = await run.take(WARM_UP);
  const before = now();
  const heapBefore = Deno.memoryUsage().heapUsed;
  // In four parts, so that whatever goes up and down again is met on the way as well.
  for (let part = 0; part < 4; part++) {
    losses.push(...await run.take(STEPS / 4));
    assertEquals(now(), before);
  }
  const grown = Deno.memoryUsage().heapUsed - heapBefore;
  assert(grown < HEAP, `the heap has grown by ${grown} bytes`);
  assert(losses.every(Number.isFinite) && new Set(losses).size > STEPS / 2);
});
