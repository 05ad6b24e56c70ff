import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor1D } from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { streamKey } from "../../../stages/random.ts";
import {
  batchNorm,
  batchNormEval,
  batchNormRelu,
  batchNormReluEval,
  type BatchNormWeights,
  type BatchStatistics,
} from "../../../stages/tensor/ops/batch_norm.ts";
import { blockEnd, blockEndEval, type Residual } from "../../../stages/tensor/ops/block_end.ts";
import { dropoutMask } from "../../../stages/tensor/ops/dropout_mask.ts";
import { batchNormTrain } from "../../../stages/tensor/simd/ops/batch_norm.ts";
import { NO_TAPE, type Tape } from "../../../stages/tensor/tape.ts";
import { startSimd } from "./kernels.ts";
import { assertClose, drawInputs, largestOf, runOp, type TensorOp } from "./op_run.ts";
import * as reference from "./reference/batch_norm.ts";
import { assertGradient, normal, type ReferenceOp } from "./reference/reference_op.ts";

const LONG = Deno.env.get("SKELRUN_LONG") !== undefined;
const runs = { numRuns: LONG ? 200 : 30, seed: 6 };
const RESIDUALS = ["none", "tensor", "normalised"] as const;

const sizes = fc.tuple(
  fc.oneof(fc.integer({ min: 2, max: 40 }), fc.integer({ min: 900, max: 2100 })),
  fc.constantFrom(1, 2, 3, 4, 5, 8, 15, 16, 17, 20, 32, 48, 75),
);

Deno.test("the float64 end of a block has the gradients of central differences", () => {
  const mask = Float64Array.from({ length: 15 }, (_, i) => i % 3 === 0 ? 0 : 1.5);
  assertGradient(reference.blockEnd(5, 3, {}), 1);
  for (const residual of RESIDUALS) {
    assertGradient(reference.blockEnd(5, 3, { mask, residual, rectified: true }), 2, 1e-6);
  }
});

/** Both backends against the reference. */
async function hold(op: TensorOp, exact: ReferenceOp, seed: number): Promise<void> {
  const { values, dy } = drawInputs(op, exact.sizes[0]!, seed);
  const expected = exact.gradient(values, dy);
  // A gradient of few rows is the little that is left when it has been made orthogonal to two others.
  const flow = 2 * largestOf(dy);
  const [h, gamma, , r, otherGamma] = values;
  const least = exact.sizes.map((_, i) => {
    if (i === 0) return flow * reference.steepest(h!, gamma!);
    return i === 3 && otherGamma !== undefined ? flow * reference.steepest(r!, otherGamma) : 0;
  });
  for (const backend of ["simd", "cpu"] as const) {
    const found = await runOp(backend, op, values, dy);
    assertClose(found.output, exact.forward(values), 1e-5, `${backend}, output`);
    found.gradients.forEach((gradient, i) =>
      assertClose(gradient, expected[i]!, 2e-5, `${backend}, input ${i}`, least[i])
    );
  }
}

Deno.test("batch normalisation in training, with and without ReLU", async () => {
  await startSimd(2);
  await fc.assert(
    fc.asyncProperty(sizes, fc.boolean(), async ([rows, columns], rectified) => {
      const op: TensorOp = {
        shapes: [[rows, columns], [columns], [columns]],
        run: (tape, x: Tensor, weight: Tensor1D, bias: Tensor1D) =>
          (rectified ? batchNormRelu : batchNorm)(tape, x, { weight, bias }).y,
      };
      await hold(op, reference.blockEnd(rows, columns, { rectified }), rows + columns);
    }),
    runs,
  );
});

Deno.test("the end of a block in training, whatever its mask and residual", async () => {
  await startSimd(2);
  await fc.assert(
    fc.asyncProperty(
      sizes,
      fc.constantFrom(...RESIDUALS),
      fc.constantFrom(null, 0.2, 0.5),
      async ([rows, columns], residual, p) => {
        const key = streamKey(5, "dropout", rows, columns);
        const exact = reference.blockEnd(rows, columns, {
          mask: p === null ? null : tf.tidy(() => {
            const mask = dropoutMask(key, [rows, columns], p);
            return mask.dataSync<"float32">().slice();
          }),
          residual,
          rectified: true,
        });
        const op: TensorOp = {
          shapes: exact.sizes.map((size) => size === columns ? [columns] : [rows, columns]),
          run: (tape, ...inputs) => endOf(tape, residual, p === null ? null : { key, p }, inputs).y,
        };
        await hold(op, exact, rows + columns);
      },
    ),
    runs,
  );
});

function endOf(
  tape: Tape,
  kind: typeof RESIDUALS[number],
  mask: Parameters<typeof blockEnd>[3],
  [x, weight, bias, r, w, b]: Tensor[],
) {
  const weights = (weight: Tensor, bias: Tensor) => ({ weight, bias }) as BatchNormWeights;
  const residual: Residual<Tensor> = kind === "none"
    ? null
    : kind === "tensor"
    ? r!
    : { x: r!, weights: weights(w!, b!) };
  return blockEnd(tape, { x: x!, weights: weights(weight!, bias!) }, residual, mask);
}

Deno.test("statistics: the mean with the bias before it, the unbiased variance, h before the residual", async () => {
  await startSimd(2);
  const [rows, columns] = [1100, 19];
  const values = [normal(rows * columns, 1, 3), normal(rows * columns, 2)];
  // Far from 0, where a sum of squares would lose all digits.
  for (let i = 0; i < rows; i++) values[0]![i * columns] = 1000 + values[0]![i * columns]! / 30;
  const found = tf.tidy(() => {
    const [x, r] = values.map((v) => tf.tensor2d(v, [rows, columns]));
    const vector = (value: number) => tf.fill([columns], value) as Tensor1D;
    const weights = { weight: vector(1), bias: vector(0), before: vector(7) };
    const residual = { x: r!, weights: { weight: vector(1), bias: vector(0) } };
    const { statistics } = blockEnd(NO_TAPE, { x: x!, weights }, residual, null);
    return statistics.flatMap(({ mean, variance }) => [
      mean.dataSync<"float32">().slice(),
      variance.dataSync<"float32">().slice(),
    ]);
  });
  values.forEach((v, i) => {
    reference.columnMoments(v, columns).forEach(({ mean, variance }, c) => {
      const expected = mean + (i === 0 ? 7 : 0);
      assert(Math.abs(found[2 * i]![c]! - expected) <= 1e-6 * Math.abs(expected) + 1e-7);
      const unbiased = variance * rows / (rows - 1);
      assert(Math.abs(found[2 * i + 1]![c]! / unbiased - 1) < 1e-5, `${i} ${c}`);
    });
  });
});

Deno.test("statistics handed over by what computed x are as good as a pass over it", async () => {
  const backend = await startSimd(2);
  const [rows, columns] = [700, 20];
  const values = normal(rows * columns, 3);
  const bounds = [0, 100, 350, 700];
  const moments = bounds.slice(1).map((end, i) => {
    const part = values.subarray(bounds[i]! * columns, end * columns);
    return { rows: end - bounds[i]!, columns: reference.columnMoments(part, columns) };
  });
  tf.tidy(() => {
    const x = tf.tensor2d(values, [rows, columns]);
    const weights = { weight: tf.ones([columns]), bias: tf.zeros([columns]) } as BatchNormWeights;
    const parts = tf.tensor3d(
      moments.map(({ rows, columns }) => [
        columns.map(({ mean }) => mean),
        columns.map(({ variance }) => variance * rows),
      ]),
    );
    const counts = tf.tensor1d(moments.map(({ rows }) => rows), "int32");
    const own = batchNormTrain(NO_TAPE, x, weights, false).y.dataSync();
    const handed = batchNormTrain(NO_TAPE, x, weights, false, { parts, rows: counts });
    assertClose(handed.y.dataSync(), own, 1e-6, "y");
  });
  assertEquals(backend.pool.bytes.now, 0);
});

Deno.test("evaluation normalises with running statistics, and ends blocks in one pass", async () => {
  await startSimd(2);
  const [rows, columns] = [130, 19];
  const x = [normal(rows * columns, 1), normal(rows * columns, 2)];
  const vectors = Array.from({ length: 8 }, (_, i) => normal(columns, 10 + i).map(Math.abs));
  const results: Float32Array[][] = [];
  for (const backend of ["cpu", "simd"]) {
    await tf.setBackend(backend);
    results.push(tf.tidy(() => {
      const [h, r] = x.map((v) => tf.tensor2d(v, [rows, columns]));
      const v = vectors.map((vector) => tf.tensor1d(vector));
      const weights: BatchNormWeights = { weight: v[0]!, bias: v[1]!, before: v[2]! };
      const running: BatchStatistics = { mean: v[3]!, variance: v[4]! };
      const first = { x: h!, weights, running };
      const second = {
        x: r!,
        weights: { weight: v[5]!, bias: v[6]! },
        running: { mean: v[7]!, variance: v[4]! },
      };
      return [
        batchNormEval(h!, weights, running),
        batchNormReluEval(h!, weights, running),
        blockEndEval(NO_TAPE, first, null),
        blockEndEval(NO_TAPE, first, r!),
        blockEndEval(NO_TAPE, first, second),
      ].map((y) => y.dataSync<"float32">().slice());
    }));
  }
  const [expected, actual] = results;
  expected!.forEach((y, i) => assertClose(actual![i]!, y, 1e-6, `output ${i}`));
});

Deno.test("the end of a block has the same bytes on 1, 2 and 3 threads", async () => {
  const [rows, columns] = [3000, 24];
  const exact = reference.blockEnd(rows, columns, { residual: "normalised", rectified: true });
  const op: TensorOp = {
    shapes: exact.sizes.map((size) => size === columns ? [columns] : [rows, columns]),
    run: (tape, ...inputs) => endOf(tape, "normalised", { key: [1, 2], p: 0.3 }, inputs).y,
  };
  const { values, dy } = drawInputs(op, rows * columns, 8);
  const seen: Float32Array[][] = [];
  for (const threads of [1, 2, 3, 3]) {
    await startSimd(threads);
    const { output, gradients } = await runOp("simd", op, values, dy);
    seen.push([output, ...gradients]);
  }
  for (const other of seen.slice(1)) {
    other.forEach((numbers, i) =>
      assertEquals(new Uint8Array(numbers.buffer), new Uint8Array(seen[0]![i]!.buffer))
    );
  }
});
