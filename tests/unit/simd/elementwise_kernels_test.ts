import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { startSimd } from "./kernels.ts";
import { normal } from "./reference/reference_op.ts";

const LONG = Deno.env.get("SKELRUN_LONG") !== undefined;
const runs = { numRuns: LONG ? 300 : 40, seed: 9 };

/** Runs on both backends, which have to give the same bytes. */
async function same(compute: () => tf.Tensor): Promise<void> {
  const found: unknown[] = [];
  for (const backend of ["simd", "cpu"]) {
    await tf.setBackend(backend);
    const before = tf.memory().numTensors;
    found.push(tf.tidy(() => {
      const y = compute();
      return [y.shape, y.dtype, Array.from(y.dataSync())];
    }));
    assertEquals(tf.memory().numTensors, before);
  }
  assertEquals(found[0], found[1]);
}

const numbers = (shape: readonly number[], seed: number) => {
  const size = shape.reduce((product, n) => product * n, 1);
  return tf.tensor(normal(size, seed), shape as number[]);
};
const shapes = fc.oneof(
  fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 0, maxLength: 5 }),
  fc.tuple(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 50, max: 120 })),
);

Deno.test("sums, differences and products of equal shapes, of many and of broadcast ones", async () => {
  const backend = await startSimd(2);
  await fc.assert(
    fc.asyncProperty(shapes, fc.integer({ min: 1, max: 4 }), async (shape, count) => {
      const [a, b] = [() => numbers(shape, 1), () => numbers(shape, 2)];
      await same(() => tf.add(a(), b()));
      await same(() => tf.sub(a(), b()));
      await same(() => tf.mul(a(), b()));
      await same(() => tf.mul(a(), tf.scalar(3)));
      await same(() => tf.add(a(), numbers([...shape.slice(0, -1), 1], 3)));
      if (count > 1) {
        await same(() => tf.addN(Array.from({ length: count }, (_, i) => numbers(shape, i))));
      }
    }),
    runs,
  );
  await same(() => tf.add(tf.range(0, 100, 1, "int32"), tf.range(0, 100, 1, "int32")));
  await tf.setBackend("simd");
  assertEquals(backend.pool.bytes.now, 0);
});

Deno.test("axes in any order", async () => {
  await startSimd(2);
  await fc.assert(
    fc.asyncProperty(
      shapes.filter((shape) => shape.length > 0),
      fc.infiniteStream(fc.nat()),
      async (shape, draws) => {
        const order = shape.map((_, i) => i).map((i) => [i, draws.next().value] as const)
          .sort((a, b) => a[1] - b[1]).map(([i]) => i);
        await same(() => tf.transpose(numbers(shape, 1), order));
      },
    ),
    runs,
  );
  // Clips as the backbone takes them, and seven axes, which are too many for the kernel.
  await same(() => tf.transpose(numbers([3, 3, 8, 25, 2], 1), [2, 0, 4, 3, 1]));
  await same(() => tf.transpose(numbers([2, 3, 2, 3, 2, 3, 2], 1), [6, 5, 4, 3, 2, 1, 0]));
});

Deno.test("tensors one after the other, along the leading axis or another", async () => {
  await startSimd(2);
  const sizes = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(sizes, fc.constantFrom(0, 1, -2), async (rows, axis) => {
      await same(() =>
        tf.concat(rows.map((n, i) => numbers(axis === 1 ? [3, n] : [n, 3], i)), axis)
      );
    }),
    runs,
  );
  await same(() => tf.concat([tf.ones([40, 2], "int32"), tf.zeros([40, 2], "int32")]));
  await same(() => tf.concat([tf.slice(numbers([90, 4], 1), [3], [40]), numbers([2, 4], 2)]));
});
