import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor } from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { linear } from "../../../stages/tensor/ops/linear.ts";
import { blocking, multiply } from "../../../stages/tensor/simd/matrix_product.ts";
import { startSimd } from "./kernels.ts";
import { assertClose, drawInputs, runOp, type TensorOp } from "./op_run.ts";
import * as reference from "./reference/linear.ts";
import { assertGradient, normal } from "./reference/reference_op.ts";

const LONG = Deno.env.get("SKELRUN_LONG") !== undefined;
const runs = { numRuns: LONG ? 300 : 40, seed: 4 };

Deno.test("the float64 dense layer has the gradient of central differences", () => {
  assertGradient(reference.linear(3, 4, 5), 1);
});

for (const relaxed of [true, false]) {
  Deno.test(`products of any sizes, plain or transposed, one or many (relaxed SIMD: ${relaxed})`, async () => {
    const backend = await startSimd(2, { relaxed });
    const sizes = fc.integer({ min: 1, max: 40 });
    fc.assert(
      fc.property(
        fc.tuple(sizes, sizes, fc.integer({ min: 1, max: 600 })),
        fc.boolean(),
        fc.boolean(),
        fc.constantFrom([1, 1], [3, 3], [1, 4], [2, 1]),
        ([M, N, K], turnA, turnB, [countA, countB]) => {
          const a = normal(countA! * M * K, 1), b = normal(countB! * K * N, 2);
          const actual = tf.tidy(() => {
            const left = tf.tensor3d(a, turnA ? [countA!, K, M] : [countA!, M, K]);
            const right = tf.tensor3d(b, turnB ? [countB!, N, K] : [countB!, K, N]);
            return tf.matMul(left, right, turnA, turnB).dataSync();
          });
          const count = Math.max(countA!, countB!);
          assertEquals(actual.length, count * M * N);
          for (let i = 0; i < count; i++) {
            const of = (values: Float32Array, size: number, every: number) =>
              every === 1 ? values : values.subarray(i * size, (i + 1) * size);
            const expected = reference.matrixProduct(
              { values: of(a, M * K, countA!), rows: M, columns: K, turned: turnA },
              { values: of(b, K * N, countB!), rows: K, columns: N, turned: turnB },
            );
            assertClose(actual.subarray(i * M * N, (i + 1) * M * N), expected, 3e-6, "product");
          }
        },
      ),
      runs,
    );
    assertEquals(backend.pool.bytes.now, 0);
  });
}

Deno.test("products that are cut into blocks and slices, with a bias", async () => {
  const { pool } = await startSimd(2);
  for (const [M, N, K] of [[70, 300, 300], [5, 9, 5003], [301, 17, 260]] as const) {
    const { items } = blocking([M, N, K], 1);
    assert(items > 1, `${M} ${N} ${K} is not cut`);
    const [a, b, bias] = [normal(M * K, 1), normal(N * K, 2), normal(N, 3)];
    const put = (values: Float32Array) => {
      const pointer = pool.allocate(values.byteLength + 16);
      pool.f32.set(values, pointer / 4);
      return pointer;
    };
    const c = put(new Float32Array(M * N).fill(NaN));
    multiply(pool, { a: put(a), b: put(b), c, bias: put(bias), sizes: [M, N, K], turnB: true });
    const expected = reference.linear(M, K, N).forward([a, b, bias]);
    assertClose(pool.f32.subarray(c / 4, c / 4 + M * N), expected, 3e-6, `${M} ${N} ${K}`);
  }
});

Deno.test("products that are not of float32 numbers, or of none, are those of cpu", async () => {
  await startSimd(1);
  tf.tidy(() => {
    const whole = tf.tensor2d([1, 2, 3, 4], [2, 2], "int32");
    const product = tf.matMul(whole, whole);
    assertEquals([product.dtype, ...product.dataSync()], ["int32", 7, 10, 15, 22]);
    const none = tf.matMul(tf.zeros([2, 0]) as Tensor, tf.zeros([0, 3]) as Tensor);
    assertEquals([...none.dataSync()], [0, 0, 0, 0, 0, 0]);
  });
});

Deno.test("a dense layer gives what its definition gives, forward and backward", async () => {
  await startSimd(2);
  const sizes = fc.integer({ min: 1, max: 24 });
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1000, max: 1300 })),
      sizes,
      sizes,
      fc.boolean(),
      async (rows, inner, outer, biased) => {
        const op: TensorOp = {
          shapes: [[rows, inner], [outer, inner], [outer]],
          run: (tape, x, w, b) => linear(tape, x, w, biased ? b : null),
          constant: biased ? [] : [2],
        };
        const { values, dy } = drawInputs(op, rows * outer, 7);
        if (!biased) values[2]!.fill(0);
        const own = await runOp("simd", op, values, dy);
        const definition = await runOp("cpu", op, values, dy);
        const exact = reference.linear(rows, inner, outer);
        const gradients = exact.gradient(values, dy);
        for (const found of [own, definition]) {
          assertClose(found.output, exact.forward(values), 3e-6, "output");
          found.gradients.forEach((gradient, i) => {
            if (gradient.length > 0) assertClose(gradient, gradients[i]!, 3e-6, `input ${i}`);
          });
        }
      },
    ),
    runs,
  );
});

Deno.test("a product has the same bytes on 1, 2 and 3 threads", async () => {
  const [M, N, K] = [90, 130, 4100];
  const [a, b] = [normal(M * K, 1), normal(N * K, 2)];
  const results: Uint8Array[] = [];
  for (const threads of [1, 2, 3, 3]) {
    await startSimd(threads);
    results.push(tf.tidy(() => {
      const c = tf.matMul(tf.tensor2d(a, [M, K]), tf.tensor2d(b, [N, K]), false, true);
      return new Uint8Array(Float32Array.from(c.dataSync()).buffer);
    }));
  }
  for (const other of results.slice(1)) assertEquals(other, results[0]!);
});
