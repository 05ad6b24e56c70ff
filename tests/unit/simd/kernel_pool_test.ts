import { assertEquals, assertThrows } from "@std/assert";
import { Float, KernelPool } from "../../../stages/tensor/simd/kernel_pool.ts";
import { kernels } from "./kernels.ts";

const SIZE = 5 * 16384 + 7;

for (const relaxed of [true, false]) {
  Deno.test(`a job gives the same bytes on 1, 2 and 5 threads (relaxed SIMD: ${relaxed})`, async () => {
    const code = await kernels({ relaxed });
    for (const threads of [1, 2, 5]) {
      const pool = await KernelPool.start(code, { threads });
      try {
        const x = pool.allocate(4 * SIZE);
        const y = pool.allocate(4 * SIZE);
        for (let i = 0; i < SIZE; i++) pool.f32[x / 4 + i] = i;
        for (let round = 0; round < 50; round++) {
          pool.run("scale", 6, [x, y, SIZE, new Float(round)]);
          const last = pool.f32[y / 4 + SIZE - 1];
          assertEquals(last, Math.fround((SIZE - 1) * round));
          assertEquals(pool.f32[y / 4 + 16384], 16384 * round);
        }
        pool.release(x, 4 * SIZE);
        pool.release(y, 4 * SIZE);
        assertEquals(pool.bytes, { now: 0, peak: 8 * SIZE });
      } finally {
        pool.stop();
      }
    }
  });
}

Deno.test("a kernel that reads beyond the memory fails the job, whichever thread it met", async () => {
  const pool = await KernelPool.start(await kernels(), { threads: 2 });
  try {
    assertThrows(() => pool.run("scale", 40, [2 ** 31, 2 ** 31, 2 ** 30, new Float(1)]));
    assertThrows(() => pool.run("none", 1, []), Error, "there is no kernel none");
    const size = 2 * 16384;
    const x = pool.allocate(4 * size);
    for (let round = 0; round < 20; round++) pool.run("scale", 2, [x, x, size, new Float(2)]);
  } finally {
    pool.stop();
  }
});
