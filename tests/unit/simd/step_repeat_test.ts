/** Whole steps give the same bytes whatever the number of threads and the place in memory. */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { startSimd } from "./kernels.ts";
import { SMALLEST, type SmallModel, Steps } from "./steps.ts";

/** Convolutions in Winograd's form, two bodies, and batches that no vector's length divides. */
const SMALL: SmallModel = {
  width: 16,
  hidden_dim: 32,
  feature_dim: 12,
  heads: 4,
  queue: 600,
  batch: 3,
  frames: 16,
  bodies: 2,
  stream: "bone",
};

/** The state after some steps on the backend in use. */
async function stateAfter(small: SmallModel, steps = 3) {
  using run = new Steps(small);
  await run.take(steps);
  return await run.bytes();
}

Deno.test("three steps on 1, 2 and 5 threads leave the same bytes of state", async () => {
  const models = [SMALLEST, SMALL];
  await startSimd(1);
  const alone: Awaited<ReturnType<typeof stateAfter>>[] = [];
  for (const small of models) alone.push(await stateAfter(small));
  assertNotEquals(await stateAfter(SMALLEST, 2), alone[0]);
  for (const threads of [2, 5]) {
    const { pool } = await startSimd(threads);
    assertEquals(pool.threads, threads);
    for (const [i, small] of models.entries()) assertEquals(await stateAfter(small), alone[i]);
  }
});

Deno.test("ten repeats on two threads leave the same bytes of state", async () => {
  await startSimd(2);
  const first = await stateAfter(SMALL, 2);
  for (let repeat = 1; repeat < 10; repeat++) assertEquals(await stateAfter(SMALL, 2), first);
});

Deno.test("steps in memory beyond 2 GiB leave the same bytes of state", async () => {
  const { pool } = await startSimd(2);
  const low = await stateAfter(SMALL);
  // Blocks lie on both sides of the sign bit, then beyond it; nothing of the ballast is touched, so the
  // machine need not have it.
  for (const ballast of [2 ** 31 - (16 << 20), 3.5 * 2 ** 30]) {
    const held = pool.allocate(ballast);
    assertEquals(await stateAfter(SMALL), low);
    assert(pool.memory.buffer.byteLength > 2 ** 31);
    pool.release(held, ballast);
  }
});
