import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor3D } from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { streamKey } from "../../../stages/random.ts";
import { relu, reluSum } from "../../../stages/tensor/ops/activation.ts";
import { dropoutMask } from "../../../stages/tensor/ops/dropout_mask.ts";
import { scaledSigmoid } from "../../../stages/tensor/ops/pool.ts";
import { NO_TAPE } from "../../../stages/tensor/tape.ts";
import { startSimd } from "./kernels.ts";
import { assertClose, drawInputs, largestOf, runOp, type TensorOp } from "./op_run.ts";
import * as reference from "./reference/activation.ts";
import { assertGradient, normal, type ReferenceOp } from "./reference/reference_op.ts";

const LONG = Deno.env.get("SKELRUN_LONG") !== undefined;
const runs = { numRuns: LONG ? 200 : 25, seed: 7 };
const sizes = fc.oneof(fc.integer({ min: 1, max: 70 }), fc.integer({ min: 16370, max: 33000 }));

Deno.test("the float64 activations have the gradients of central differences", () => {
  assertGradient(reference.reluSum(6, [0, 2, 2, 0, 2, 2], true), 1, 1e-6);
  assertGradient(reference.scaledSigmoid(5, 2), 1);
});

/** @param slope Most that a gradient is multiplied by. */
async function hold(op: TensorOp, exact: ReferenceOp, slope = 0): Promise<void> {
  const size = exact.sizes[0]!;
  const { values, dy } = drawInputs(op, size, size);
  const expected = exact.gradient(values, dy);
  for (const backend of ["simd", "cpu"] as const) {
    const found = await runOp(backend, op, values, dy);
    assertClose(found.output, exact.forward(values), 1e-6, `${backend}, output`);
    found.gradients.forEach((gradient, i) =>
      assertClose(
        gradient,
        expected[i]!,
        2e-6,
        `${backend}, input ${i}`,
        slope * largestOf(dy),
      )
    );
  }
}

Deno.test("ReLU, also of a masked tensor and of a sum", async () => {
  await startSimd(2);
  await fc.assert(
    fc.asyncProperty(sizes, fc.boolean(), fc.boolean(), async (size, masked, summed) => {
      const mask = masked ? normal(size, 3).map((x) => x > 0 ? 2 : 0) : null;
      const exact = reference.reluSum(size, mask, summed);
      await hold({
        shapes: exact.sizes.map((size) => [size]),
        run: (tape, h: Tensor, r: Tensor) =>
          masked || summed
            ? reluSum(tape, h, summed ? r : null, mask === null ? null : tf.tensor(mask))
            : relu(tape, h),
      }, exact);
    }),
    runs,
  );
});

Deno.test("the sigmoid of a multiple, far out too", async () => {
  await startSimd(2);
  await fc.assert(
    fc.asyncProperty(sizes, fc.constantFrom(0.5, 2, 40), async (size, Lambda) => {
      const exact = reference.scaledSigmoid(size, Lambda);
      await hold(
        {
          shapes: [[size, 1, 1]],
          run: (tape, x: Tensor3D) => scaledSigmoid(tape, x, Lambda),
        },
        exact,
        Lambda / 4,
      );
    }),
    runs,
  );
  const far = tf.tidy(() =>
    scaledSigmoid(NO_TAPE, tf.tensor3d([-1e30, -100, 100, 1e30], [4, 1, 1]), 1).dataSync()
  );
  assert(far[0]! >= 0 && far[0]! < 1e-37 && far[1]! < 1e-37, `${far}`);
  assertEquals([...far.subarray(2)], [1, 1]);
});

Deno.test("masks of dropout are those of the definition, bit for bit", async () => {
  await startSimd(2);
  await fc.assert(
    fc.asyncProperty(
      sizes,
      fc.nat(2 ** 31),
      fc.constantFrom(0, 2 ** -24, 0.2, 0.5, 1 / 3, 0.9, 1 - 2 ** -24),
      async (size, seed, p) => {
        const key = streamKey(seed, "dropout");
        const masks: Float32Array[] = [];
        for (const backend of ["simd", "cpu"]) {
          await tf.setBackend(backend);
          masks.push(tf.tidy(() => dropoutMask(key, [size], p).dataSync<"float32">().slice()));
        }
        assertEquals(masks[0]!.length, size);
        assert(masks[0]!.every((value, i) => value === masks[1]![i]), `${key} ${p}`);
      },
    ),
    runs,
  );
});
