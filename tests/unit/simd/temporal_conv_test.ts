import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor2D, Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { temporalConv } from "../../../stages/tensor/ops/temporal_conv.ts";
import { normalisationOf, normalised } from "../../../stages/tensor/simd/ops/batch_norm.ts";
import {
  temporalConvForward,
  temporalConvKernelGradient,
} from "../../../stages/tensor/simd/temporal_conv_jobs.ts";
import {
  winogradForward,
  winogradKernelGradient,
  winogradPays,
} from "../../../stages/tensor/simd/winograd_jobs.ts";
import { startSimd } from "./kernels.ts";
import { assertClose, drawInputs, runOp, type TensorOp } from "./op_run.ts";
import { columnMoments } from "./reference/batch_norm.ts";
import { assertGradient, normal } from "./reference/reference_op.ts";
import * as reference from "./reference/temporal_conv.ts";

const LONG = Deno.env.get("SKELRUN_LONG") !== undefined;

const shapes = fc.record({
  joints: fc.integer({ min: 1, max: 3 }),
  steps: fc.integer({ min: 1, max: 13 }),
  bodies: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom(64, 66, 72)),
  inner: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom(16, 20, 32)),
  outer: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom(16, 20, 24)),
  taps: fc.constantFrom(1, 3, 9),
  stride: fc.constantFrom(1, 2),
}).map(({ steps, ...rest }) => ({ ...rest, frames: steps * rest.stride }));

function opOf(
  { joints, frames, bodies, inner, outer, taps, stride }: reference.TemporalShape,
): TensorOp {
  return {
    shapes: [[joints, frames, bodies, inner], [taps, inner, outer]],
    run: (tape, x, w) => temporalConv(tape, x, w, stride),
  };
}

Deno.test("the float64 temporal convolution has the gradient of central differences", () => {
  const shape = { joints: 2, frames: 6, bodies: 2, inner: 2, outer: 3 };
  for (const stride of [1, 2]) {
    for (const taps of [1, 3, 9]) {
      assertGradient(reference.temporalConv({ ...shape, taps, stride }), 1);
    }
  }
});

for (const relaxed of [true, false]) {
  Deno.test(`temporalConv gives what its definition gives on any shape (relaxed SIMD: ${relaxed})`, async () => {
    await startSimd(2, { relaxed });
    await fc.assert(
      fc.asyncProperty(shapes, fc.integer({ min: 0, max: 1000 }), async (shape, seed) => {
        const { joints, frames, bodies, outer, stride } = shape;
        const op = opOf(shape);
        const { values, dy } = drawInputs(op, joints * (frames / stride) * bodies * outer, seed);
        const exact = reference.temporalConv(shape);
        const gradients = exact.gradient(values, dy);
        for (const backend of ["simd", "cpu"] as const) {
          const found = await runOp(backend, op, values, dy);
          assertClose(found.output, exact.forward(values), 3e-6, `${backend}: y`);
          assertClose(found.gradients[0]!, gradients[0]!, 3e-6, `${backend}: dx`);
          assertClose(found.gradients[1]!, gradients[1]!, 1e-5, `${backend}: dw`);
        }
      }),
      { numRuns: LONG ? 300 : relaxed ? 20 : 6 },
    );
  });
}

Deno.test("temporalConv on wide channels and many blocks gives what its definition gives", async () => {
  await startSimd(2);
  const base = { joints: 1, taps: 9 };
  for (
    const shape of [
      { ...base, frames: 24, bodies: 70, inner: 40, outer: 48, stride: 1 },
      { ...base, frames: 10, bodies: 64, inner: 70, outer: 66, stride: 2 },
      { ...base, frames: 6, bodies: 3, inner: 256, outer: 250, stride: 1 },
      { ...base, joints: 1, frames: 1, bodies: 1, inner: 130, outer: 8, stride: 1 },
    ]
  ) {
    const op = opOf(shape);
    const { joints, frames, bodies, outer, stride } = shape;
    const { values, dy } = drawInputs(op, joints * (frames / stride) * bodies * outer, 3);
    const [own, other] = [await runOp("simd", op, values, dy), await runOp("cpu", op, values, dy)];
    assertClose(own.output, other.output, 1e-5, "y");
    own.gradients.forEach((found, i) =>
      assertClose(found, other.gradients[i]!, 2e-5, `input ${i}`)
    );
  }
});

Deno.test("Winograd's form gives what the definition gives on any shape that it takes", async () => {
  const backend = await startSimd(2);
  const winogradShapes = fc.record({
    joints: fc.integer({ min: 1, max: 3 }),
    frames: fc.integer({ min: 1, max: 20 }),
    bodies: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom(34, 64)),
    inner: fc.constantFrom(4, 8, 16, 20, 36),
    outer: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom(16, 20, 24)),
    taps: fc.constant(9),
    stride: fc.constant(1),
  });
  fc.assert(
    fc.property(winogradShapes, fc.integer({ min: 0, max: 1000 }), (shape, seed) => {
      const { joints, frames, bodies, inner, outer } = shape;
      const { values: [xs, ws], dy: flow } = drawInputs(
        opOf(shape),
        joints * frames * bodies * outer,
        seed,
      );
      const exact = reference.temporalConv(shape);
      tf.tidy(() => {
        const x = tf.tensor4d(xs!, [joints, frames, bodies, inner]);
        const w = tf.tensor3d(ws!, [9, inner, outer]);
        const dy = tf.tensor4d(flow, [joints, frames, bodies, outer]);
        const axes = {
          w,
          first: 0,
          sizes: [9, inner, outer],
          steps: [inner * outer, outer, 1],
        } as const;
        const { y } = winogradForward(backend, x, axes);
        assertClose(y.dataSync(), exact.forward([xs!, ws!]), 4e-6, "y");
        const [, dw] = exact.gradient([xs!, ws!], flow);
        assertClose(winogradKernelGradient(backend, x, dy).dataSync(), dw!, 1e-5, "dw");
      });
    }),
    { numRuns: LONG ? 300 : 30 },
  );
});

Deno.test("Winograd's form runs where it saves products, and is nearly as exact as the direct one", async () => {
  const sizes = { taps: 9, stride: 1, inner: 64, outer: 64 };
  const pays = (more: Partial<typeof sizes>, frames: number) =>
    winogradPays({ ...sizes, ...more, frames });
  assertEquals([1, 4, 5, 8, 16, 64].map((frames) => pays({}, frames)), [
    false,
    false,
    false,
    true,
    true,
    true,
  ]);
  assert(!pays({ stride: 2 }, 64) && !pays({ taps: 1 }, 64) && !pays({ inner: 3 }, 64));
  const backend = await startSimd(2);
  tf.tidy(() => {
    const [joints, frames, bodies, inner, outer] = [1, 16, 8, 256, 64];
    const x = tf.relu(tf.tensor4d(normal(frames * bodies * inner, 1), [1, frames, bodies, inner]));
    const w = tf.tensor3d(normal(9 * inner * outer, 2), [9, inner, outer]);
    const exact = reference.temporalConv({
      joints,
      frames,
      bodies,
      inner,
      outer,
      taps: 9,
      stride: 1,
    }).forward([x.dataSync(), w.dataSync()]);
    const errorOf = (direct: boolean) => {
      const y = temporalConvForward(backend, x, w, 1, { direct }).y.dataSync();
      const squares = exact.reduce((sum, value, i) => sum + (y[i]! - value) ** 2, 0);
      return Math.sqrt(squares / exact.reduce((sum, value) => sum + value ** 2, 0));
    };
    const [direct, winograd] = [errorOf(true), errorOf(false)];
    assert(winograd > direct && winograd < 3 * direct, `${winograd} beside ${direct}`);
    assert(winograd < 2e-6, `${winograd}`);
  });
});

for (const stride of [1, 2]) {
  Deno.test(`temporalConv of stride ${stride} gives the same bytes on 1, 2 and 3 threads, and again`, async () => {
    const shape = { joints: 5, frames: 24, bodies: 66, inner: 16, outer: 20, taps: 9, stride };
    const op = opOf(shape);
    const { values, dy } = drawInputs(op, 5 * (24 / stride) * 66 * 20, 4);
    let first: Awaited<ReturnType<typeof runOp>> | undefined;
    for (const threads of [1, 2, 3, 2]) {
      await startSimd(threads);
      const found = await runOp("simd", op, values, dy);
      first ??= found;
      assertEquals(found.output, first.output);
      assertEquals(found.gradients, first.gradients);
    }
  });
}

Deno.test("bodies of zeros give zeros, and infinities stay where the kernel reaches", async () => {
  await startSimd(2);
  tf.tidy(() => {
    const x = new Float32Array(20 * 4 * 8);
    x[10 * 4 * 8] = Infinity;
    const y = temporalConvForward(
      tf.backend() as never,
      tf.tensor4d(x, [1, 20, 4, 8]),
      tf.ones([9, 8, 8]) as Tensor3D,
      1,
    ).y.dataSync();
    const found = Array.from(
      { length: 20 },
      (_, t) => Number.isFinite(y[t * 32]!) ? "0" : "x",
    ).join("");
    assertEquals(found, "000000xxxxxxxxx00000");
    assert(y.every((value, i) => i % 32 < 8 || value === 0));
  });
});

Deno.test("a convolution that normalises its input, and hands out moments, gives what the steps give", async () => {
  const backend = await startSimd(2);
  for (
    const [frames, bodies, inner, outer, stride] of [
      [12, 8, 16, 16, 1],
      [12, 7, 6, 11, 2],
      [36, 66, 20, 24, 1],
      [1, 3, 3, 8, 1],
      [31, 37, 24, 20, 1],
    ] as const
  ) {
    tf.tidy(() => {
      const x = tf.tensor4d(normal(2 * frames * bodies * inner, 1, 3), [2, frames, bodies, inner]);
      const w = tf.tensor3d(normal(9 * inner * outer, 2), [9, inner, outer]);
      const weights = {
        weight: tf.tensor1d(normal(inner, 3)),
        bias: tf.tensor1d(normal(inner, 4)),
      };
      const { coefficients } = normalisationOf(x, weights);
      const a = normalised(x, coefficients as Tensor2D, true) as Tensor4D;
      const plain = temporalConvForward(backend, a, w, stride).y;
      const { y, moments } = temporalConvForward(backend, x, w, stride, {
        normalised: coefficients,
        moments: true,
      });
      // Taps that meet padding are skipped by one and add zeros in the other.
      assertEquals(y.dataSync(), plain.dataSync());
      const dy = tf.tensor4d(normal(y.size, 5), y.shape);
      assertEquals(
        temporalConvKernelGradient(backend, x, dy, 9, stride, { normalised: coefficients })
          .dataSync(),
        temporalConvKernelGradient(backend, a, dy, 9, stride).dataSync(),
      );
      const ones = { weight: tf.ones([outer]) as never, bias: tf.zeros([outer]) as never };
      const { statistics } = normalisationOf(y, ones, moments);
      const rows = y.size / outer;
      const [means, variances] = [statistics.mean.dataSync(), statistics.variance.dataSync()];
      columnMoments(y.dataSync(), outer).forEach(({ mean, variance }, c) => {
        const deviation = Math.sqrt(variance);
        assert(Math.abs(means[c]! - mean) <= 1e-6 * deviation, `mean ${c}`);
        const unbiased = variance * rows / (rows - 1);
        assert(Math.abs(variances[c]! - unbiased) <= 1e-6 * unbiased, `variance ${c}`);
      });
    });
  }
});
