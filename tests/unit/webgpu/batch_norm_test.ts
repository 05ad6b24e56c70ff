import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor1D } from "@tensorflow/tfjs-core";
import {
  batchNorm,
  batchNormEval,
  batchNormRelu,
  batchNormReluEval,
  type BatchNormWeights,
} from "../../../stages/tensor/ops/batch_norm.ts";
import { NO_TAPE } from "../../../stages/tensor/tape.ts";
import { giveMoments, momentsOf } from "../../../stages/tensor/webgpu/moments.ts";
import { assertClose, type TensorOp } from "../simd/op_run.ts";
import * as reference from "../simd/reference/batch_norm.ts";
import { normal } from "../simd/reference/reference_op.ts";
import { gpuTest, startGpu } from "./gpu_run.ts";
import { assertLikeNormReference } from "./norm_run.ts";

/** Odd widths, widths that fill no workgroup, rows that end within a step and within a slice. */
const SHAPES = [[2, 1], [517, 16], [90, 75], [1000, 3], [40, 520], [3, 4], [2500, 20]] as const;

gpuTest(
  "moments of columns hold their digits far from 0, whatever the matrix's shape",
  async () => {
    await startGpu();
    for (const [rows, columns] of [[2, 1], [1000, 3], [517, 16], [90, 75], [40, 520], [5000, 4]]) {
      const values = normal(rows! * columns!, rows! + columns!);
      for (let i = 0; i < values.length; i += columns!) values[i] = 1000 + values[i]!;
      const x = tf.tensor2d(values, [rows!, columns!]);
      const { parts, rows: length } = momentsOf(x, columns!);
      const found = await parts.data<"float32">();
      assertEquals(parts.shape, [Math.ceil(rows! / length), 2, columns]);
      for (let slice = 0; slice < parts.shape[0]; slice++) {
        const own = values.subarray(slice * length * columns!, (slice + 1) * length * columns!);
        reference.columnMoments(own, columns!).forEach(({ mean, variance }, c) => {
          const at = 2 * slice * columns! + c;
          const squares = variance * own.length / columns!;
          assert(Math.abs(found[at]! - mean) <= 1e-6 * (1 + Math.abs(mean)), `mean ${slice} ${c}`);
          assert(
            Math.abs(found[at + columns!]! - squares) <= 2e-5 * squares,
            `squares ${rows} ${columns} ${slice} ${c}: ${found[at + columns!]} for ${squares}`,
          );
        });
      }
      tf.dispose([x, parts]);
    }
  },
);

gpuTest("batch normalisation in training, with and without ReLU", async () => {
  for (const [i, [rows, columns]] of SHAPES.entries()) {
    const rectified = i % 2 === 0;
    const op: TensorOp = {
      shapes: [[rows, columns], [columns], [columns]],
      run: (tape, x: Tensor, weight: Tensor1D, bias: Tensor1D) =>
        (rectified ? batchNormRelu : batchNorm)(tape, x, { weight, bias }).y,
    };
    await assertLikeNormReference(op, reference.blockEnd(rows, columns, { rectified }), i);
  }
});

gpuTest("a body of zeros is normalised to the offset, with finite gradients", async () => {
  const op: TensorOp = {
    shapes: [[64, 8], [8], [8]],
    run: (tape, x: Tensor, weight: Tensor1D, bias: Tensor1D) =>
      batchNormRelu(tape, x, { weight, bias }).y,
  };
  const zeros = ([x]: readonly Float32Array[]) => void x!.fill(0);
  await assertLikeNormReference(op, reference.blockEnd(64, 8, { rectified: true }), 3, zeros);
});

gpuTest("moments that are given by groups of rows are as good as a pass", async () => {
  await startGpu();
  const [groups, group, length, columns] = [3, 70, 32, 8];
  const values = normal(groups * group * columns, 5, 2);
  const parts: number[] = [];
  for (let g = 0; g < groups; g++) {
    for (let from = 0; from < group; from += length) {
      const end = Math.min(group, from + length);
      const at = (row: number) => (g * group + row) * columns;
      const moments = reference.columnMoments(values.subarray(at(from), at(end)), columns);
      parts.push(...moments.map(({ mean }) => mean));
      parts.push(...moments.map(({ variance }) => variance * (end - from)));
    }
  }
  const found = tf.tidy(() => {
    const weights = { weight: tf.ones([columns]), bias: tf.zeros([columns]) } as BatchNormWeights;
    const [bare, x] = [0, 1].map(() => tf.tensor2d(values, [groups * group, columns]));
    giveMoments(x!, {
      parts: tf.tensor3d(parts, [parts.length / columns / 2, 2, columns]),
      rows: length,
      group,
    });
    return [bare!, x!].flatMap((x) => {
      const { y, statistics } = batchNorm(NO_TAPE, x, weights);
      return [y, statistics.mean, statistics.variance];
    });
  });
  const [y, mean, variance, ...given] = await Promise.all(found.map((t) => t.data<"float32">()));
  [y, mean, variance].forEach((own, i) => assertClose(given[i]!, own!, 2e-6, `result ${i}`));
  tf.dispose(found);
});

gpuTest("statistics: the mean with the bias before it, and the unbiased variance", async () => {
  await startGpu();
  const [rows, columns] = [1100, 12];
  const values = normal(rows * columns, 1, 3);
  for (let i = 0; i < rows; i++) values[i * columns]! += 1000;
  const found = tf.tidy(() => {
    const vector = (value: number) => tf.fill([columns], value) as Tensor1D;
    const weights = { weight: vector(1), bias: vector(0), before: vector(7) };
    const x = tf.tensor2d(values, [rows, columns]);
    const { mean, variance } = batchNorm(NO_TAPE, x, weights).statistics;
    return [mean, variance];
  });
  const [means, variances] = await Promise.all(found.map((t) => t.data<"float32">()));
  reference.columnMoments(values, columns).forEach(({ mean, variance }, c) => {
    assert(Math.abs(means![c]! - mean - 7) <= 1e-6 * (1 + Math.abs(mean)), `mean ${c}`);
    assert(Math.abs(variances![c]! / (variance * rows / (rows - 1)) - 1) < 1e-5, `variance ${c}`);
  });
  tf.dispose(found);
});

gpuTest("evaluation normalises with running statistics", async () => {
  await startGpu();
  const results: Float32Array[][] = [];
  for (const backend of ["cpu", "webgpu"]) {
    await tf.setBackend(backend);
    const found = tf.tidy(() => {
      const v = [0, 1, 2, 3, 4].map((i) => tf.tensor1d(normal(19, 10 + i).map(Math.abs)));
      const running = { mean: v[3]!, variance: v[4]! };
      const x = tf.tensor2d(normal(130 * 19, 1), [130, 19]);
      const bare = { weight: v[0]!, bias: v[1]! };
      return [
        batchNormEval(x, bare, running),
        batchNormReluEval(x, { ...bare, before: v[2]! }, running),
      ];
    });
    results.push(await Promise.all(found.map(async (t) => (await t.data<"float32">()).slice())));
    tf.dispose(found);
  }
  results[0]!.forEach((y, i) => assertClose(results[1]![i]!, y, 1e-6, `output ${i}`));
});
