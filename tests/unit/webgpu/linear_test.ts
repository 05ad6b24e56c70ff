import { assert } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { linear } from "../../../stages/tensor/ops/linear.ts";
import { sumOfParts } from "../../../stages/tensor/webgpu/sum_of_parts.ts";
import { assertClose, type TensorOp } from "../simd/op_run.ts";
import { normal } from "../simd/reference/reference_op.ts";
import { assertLikeDefinition, gpuTest, startGpu } from "./gpu_run.ts";

gpuTest("a dense layer gives what its definition gives, with and without a bias", async () => {
  for (const [rows, inner, outer] of [[1, 1, 1], [8, 64, 60], [7, 33, 5], [80, 40, 68]] as const) {
    const shapes = [[rows, inner], [outer, inner], [outer]];
    await assertLikeDefinition({ shapes, run: linear }, rows * outer, rows);
    const [x, w] = shapes as [number[], number[]];
    const plain: TensorOp = { shapes: [x, w], run: (tape, x, w) => linear(tape, x, w) };
    await assertLikeDefinition(plain, rows * outer, rows);
  }
});

gpuTest("parts are summed, however many, to the same bytes on every run", async () => {
  await startGpu();
  for (const [parts, size] of [[1, 3], [9, 64], [255, 7], [1000, 132]] as const) {
    const values = normal(parts * size, size);
    const expected = new Float64Array(size);
    values.forEach((value, i) => expected[i % size]! += value);
    const x = tf.tensor2d(values, [parts, size]);
    const runs: Float32Array[] = [];
    for (let i = 0; i < 2; i++) {
      const sums = sumOfParts(x, [size]);
      runs.push(await sums.data<"float32">());
      sums.dispose();
    }
    x.dispose();
    assertClose(runs[0]!, expected, 1e-5, `${parts} parts of ${size}`);
    assert(runs[0]!.every((value, i) => Object.is(value, runs[1]![i])));
  }
});
