import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { attention } from "../../../stages/tensor/ops/attention.ts";
import { setFused } from "../../../stages/tensor/fused.ts";
import { SIMD_OPS } from "../../../stages/tensor/simd/simd_ops.ts";
import { startSimd } from "./kernels.ts";
import { assertClose, drawInputs, runOp, type TensorOp } from "./op_run.ts";
import * as reference from "./reference/attention.ts";
import { assertGradient } from "./reference/reference_op.ts";

const LONG = Deno.env.get("SKELRUN_LONG") !== undefined;

function attentionOp(bodies: number, tokens: number, width: number, heads: number): TensorOp {
  const d = width;
  return {
    shapes: [[bodies, tokens, d], [3 * d, d], [3 * d], [d, d], [d]],
    run: (tape, x, qkv, qkvBias, out, outBias) =>
      attention(tape, x, { qkv, qkvBias, out, outBias }, heads),
  };
}

Deno.test("the float64 attention has the gradient of central differences", () => {
  assertGradient(reference.attention(2, 3, 6, 2), 1);
});

for (const relaxed of [true, false]) {
  Deno.test(`the kernels' exponential is within 1.5 units of the last place (relaxed SIMD: ${relaxed})`, async () => {
    const { pool } = await startSimd(2, { relaxed });
    const count = LONG ? 4_000_000 : 300_000;
    const [x, y] = [pool.allocate(4 * count + 16), pool.allocate(4 * count + 16)];
    for (let i = 0; i < count; i++) pool.f32[x / 4 + i] = -87 + 175 * i / (count - 1);
    pool.f32.set([0, -0, 1e-30, 88, -87, Math.log(2) / 2, -1000, -Infinity, NaN], x / 4);
    pool.run("exps", Math.ceil(count / 16384), [x, y, count]);
    const [from, to] = [pool.f32.subarray(x / 4), pool.f32.subarray(y / 4)];
    let worst = 0;
    for (let i = 0; i < count; i++) {
      if (i >= 6 && i <= 8) continue;
      const exact = Math.exp(from[i]!);
      const unit = 2 ** (Math.floor(Math.log2(exact)) - 23);
      worst = Math.max(worst, Math.abs(to[i]! - exact) / unit);
    }
    assert(worst < 1.5, `off by ${worst} units`);
    assertEquals([to[0], to[1], to[2]], [1, 1, 1]);
    // Below the range: as good as nothing. And what is no number stays none.
    assert(to[6]! < 2e-38 && to[7]! < 2e-38 && Number.isNaN(to[8]));
  });
}

Deno.test("attention gives what its definition gives, forward and backward", async () => {
  await startSimd(2);
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 1, max: 27 }),
      fc.constantFrom([1, 1], [6, 2], [10, 1], [16, 2], [24, 8], [32, 2]),
      fc.constantFrom(0.3, 1),
      fc.integer({ min: 0, max: 1000 }),
      async (bodies, tokens, [width, heads], scale, seed) => {
        const op = attentionOp(bodies, tokens, width!, heads!);
        const { values, dy } = drawInputs(op, bodies * tokens * width!, seed, scale);
        // A body that is not there: all of its tokens are the same.
        values[0]!.fill(0, 0, tokens * width!);
        const exact = reference.attention(bodies, tokens, width!, heads!);
        const output = exact.forward(values);
        const gradients = exact.gradient(values, dy);
        const scales = gradients.map((g) => g.reduce((m, v) => Math.max(m, Math.abs(v)), 0));
        const own = await runOp("simd", op, values, dy);
        const definition = await runOp("cpu", op, values, dy);
        assertClose(own.output, output, 5e-6, "output");
        assertClose(definition.output, output, 5e-6, "the definition's output");
        // A gradient may be a small difference of large numbers, hence the largest of all as unit.
        const worst = (found: Float32Array, i: number) =>
          found.reduce((most, value, j) => Math.max(most, Math.abs(value - gradients[i]![j]!)), 0);
        own.gradients.forEach((gradient, i) => {
          const unit = Math.max(...scales);
          const allowed = Math.max(2e-5 * unit, 5 * worst(definition.gradients[i]!, i));
          assert(allowed < 5e-3 * unit, `the definition's input ${i} is off by ${allowed / unit}`);
          const gap = worst(gradient, i);
          assert(gap <= allowed, `input ${i}: off by ${gap / unit}, allowed ${allowed / unit}`);
        });
      },
    ),
    { numRuns: LONG ? 300 : 40, seed: 4 },
  );
});

Deno.test("attention over as many tokens as a clip has, and over more than fit a thread's scratch", async () => {
  const backend = await startSimd(2);
  for (const [tokens, width, heads] of [[400, 64, 8], [1016, 256, 1]] as const) {
    const op = attentionOp(1, tokens, width, heads);
    const { values, dy } = drawInputs(op, tokens * width, 3, width ** -0.5);
    const own = await runOp("simd", op, values, dy);
    // The definition with the kernels' matrix products alone, since these of cpu would take long.
    setFused("simd", {});
    const definition = await runOp("simd", op, values, dy);
    setFused("simd", SIMD_OPS);
    assertClose(own.output, definition.output, 1e-5, "output");
    own.gradients.forEach((gradient, i) =>
      assertClose(gradient, definition.gradients[i]!, 5e-5, `input ${i}`)
    );
    assertEquals(backend.pool.bytes.now, 0);
  }
});

Deno.test("attention has the same bytes on 1, 2 and 3 threads", async () => {
  const op = attentionOp(3, 30, 16, 4);
  const { values, dy } = drawInputs(op, 3 * 30 * 16, 5);
  const bytes: Uint8Array[][] = [];
  for (const threads of [1, 2, 3, 3]) {
    await startSimd(threads);
    const { output, gradients } = await runOp("simd", op, values, dy);
    bytes.push([output, ...gradients].map((v) => new Uint8Array(v.buffer as ArrayBuffer)));
  }
  for (const other of bytes.slice(1)) assertEquals(other, bytes[0]!);
  await tf.setBackend("cpu");
});
