import * as tf from "@tensorflow/tfjs-core";
import type { Tensor1D, Tensor2D, Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { layerNorm } from "../../../stages/tensor/ops/layer_norm.ts";
import { meanOfBodies } from "../../../stages/tensor/ops/linear.ts";
import { maskPool, poolTokens, tokensOf } from "../../../stages/tensor/ops/pool.ts";
import { startSimd } from "./kernels.ts";
import { assertClose, drawInputs, largestOf, runOp, type TensorOp } from "./op_run.ts";
import * as reference from "./reference/pool.ts";
import { assertGradient, type ReferenceOp } from "./reference/reference_op.ts";

const LONG = Deno.env.get("SKELRUN_LONG") !== undefined;
const runs = { numRuns: LONG ? 200 : 25, seed: 8 };
const few = fc.integer({ min: 1, max: 5 });
const many = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 60, max: 200 }));

Deno.test("the float64 poolings have the gradients of central differences", () => {
  assertGradient(reference.meanOfRows(3, 4), 1);
  assertGradient(reference.maskPool(2, 3, 4), 2);
  assertGradient(reference.meanOfBodies(2, 3, 2), 3);
  assertGradient(reference.layerNorm(2, 5), 4, 1e-6);
});

/** @param slope Most that a gradient is multiplied by, of some inputs. */
async function hold(
  op: TensorOp,
  exact: ReferenceOp,
  outputs: number,
  slope: (values: readonly Float32Array[]) => number = () => 0,
): Promise<void> {
  const { values, dy } = drawInputs(op, outputs, outputs);
  const expected = exact.gradient(values, dy);
  for (const backend of ["simd", "cpu"] as const) {
    const found = await runOp(backend, op, values, dy);
    assertClose(found.output, exact.forward(values), 3e-6, `${backend}, output`);
    found.gradients.forEach((gradient, i) =>
      assertClose(
        gradient,
        expected[i]!,
        5e-6,
        `${backend}, input ${i}`,
        slope(values) * largestOf(dy),
      )
    );
  }
}

Deno.test("means over all tokens", async () => {
  await startSimd(2);
  await fc.assert(
    fc.asyncProperty(few, many, few, many, async (joints, frames, bodies, size) => {
      await hold(
        {
          shapes: [[joints, frames, bodies, size]],
          run: (tape, f: Tensor4D) => poolTokens(tape, f),
        },
        reference.meanOfRows(joints * frames, bodies * size),
        bodies * size,
      );
    }),
    runs,
  );
});

Deno.test("features body by body are those of the definition to the bit, forward and backward", async () => {
  await startSimd(2);
  await fc.assert(
    fc.asyncProperty(few, many, few, many, async (joints, frames, bodies, size) => {
      const op: TensorOp = {
        shapes: [[joints, frames, bodies, size]],
        run: (tape, f: Tensor4D) => tokensOf(tape, f),
      };
      const { values, dy } = drawInputs(op, joints * frames * bodies * size, size);
      assertEquals(await runOp("simd", op, values, dy), await runOp("cpu", op, values, dy));
    }),
    { ...runs, numRuns: 8 },
  );
});

Deno.test("means over tokens as a mask splits them", async () => {
  await startSimd(2);
  await fc.assert(
    fc.asyncProperty(few, many, many, async (bodies, tokens, size) => {
      const shape = [bodies, tokens, size];
      await hold(
        {
          shapes: [shape, shape],
          run: (tape, f: Tensor3D, mask: Tensor3D) => maskPool(tape, f, mask),
        },
        reference.maskPool(bodies, tokens, size),
        2 * bodies * size,
      );
    }),
    runs,
  );
});

Deno.test("a mask without gradient gets none, and its features without gradient none either", async () => {
  await startSimd(2);
  const shape = [2, 70, 9];
  for (const constant of [[0], [1]]) {
    const op: TensorOp = {
      shapes: [shape, shape],
      run: (tape, f: Tensor3D, mask: Tensor3D) => maskPool(tape, f, mask),
      constant,
    };
    const { values, dy } = drawInputs(op, 36, 1);
    const found = await runOp("simd", op, values, dy);
    const expected = reference.maskPool(2, 70, 9).gradient(values, dy);
    assertEquals(found.gradients[constant[0]!]!.length, 0);
    assertClose(found.gradients[1 - constant[0]!]!, expected[1 - constant[0]!]!, 5e-6, "other");
  }
});

Deno.test("means over the bodies of a clip", async () => {
  await startSimd(2);
  await fc.assert(
    fc.asyncProperty(many, fc.integer({ min: 2, max: 4 }), many, async (clips, bodies, size) => {
      await hold(
        {
          shapes: [[clips * bodies, size]],
          run: (tape, x: Tensor2D) => meanOfBodies(tape, x, bodies),
        },
        reference.meanOfBodies(clips, bodies, size),
        clips * size,
      );
    }),
    { ...runs, numRuns: 8 },
  );
});

Deno.test("layer normalisation of rows", async () => {
  await startSimd(2);
  await fc.assert(
    fc.asyncProperty(many, fc.integer({ min: 2, max: 140 }), async (rows, size) => {
      await hold(
        {
          shapes: [[rows, size], [size], [size]],
          run: (tape, x: Tensor2D, weight: Tensor1D, bias: Tensor1D) =>
            layerNorm(tape, x, weight, bias),
        },
        reference.layerNorm(rows, size),
        rows * size,
        ([x, weight]) => 2 * largestOf(weight!) * reference.steepestRow(x!, size),
      );
    }),
    runs,
  );
});

Deno.test("pooling and layer normalisation have the same bytes on 1, 2 and 3 threads", async () => {
  const shape = [3, 400, 65];
  const op: TensorOp = {
    shapes: [shape, shape, [65], [65]],
    run: (tape, f: Tensor3D, mask: Tensor3D, weight: Tensor1D, bias: Tensor1D) =>
      maskPool(tape, layerNorm(tape, f, weight, bias), mask),
  };
  const { values, dy } = drawInputs(op, 2 * 3 * 65, 1);
  const seen: unknown[] = [];
  for (const threads of [1, 2, 3]) {
    await startSimd(threads);
    seen.push(await runOp("simd", op, values, dy));
  }
  assertEquals(seen[1], seen[0]);
  assertEquals(seen[2], seen[0]);
  assertEquals(tf.getBackend(), "simd");
});
