import * as tf from "@tensorflow/tfjs-core";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import { assert } from "@std/assert";
import { crossEntropy } from "../../../stages/tensor/ops/cross_entropy.ts";
import { normalizeRows } from "../../../stages/tensor/ops/info_nce.ts";
import { drawInputs, type TensorOp } from "../simd/op_run.ts";
import { assertLikeDefinition, gpuTest, runGpuOp, startGpu } from "./gpu_run.ts";

gpuTest("rows are normalised as by the definition, rows of zeros too", async () => {
  await startGpu();
  for (const [rows, width] of [[1, 2], [3, 5], [20, 128], [7, 33]] as const) {
    const op: TensorOp = { shapes: [[rows, width]], run: (tape, x) => normalizeRows(tape, x) };
    await assertLikeDefinition(op, rows * width, width, { output: 1e-6, gradient: 3e-6 });
    const { values, dy } = drawInputs(op, rows * width, 1);
    values[0]!.fill(0, 0, width);
    const { output, gradients } = await runGpuOp(op, values, dy);
    assert(output.subarray(0, width).every((value) => value === 0));
    assert(gradients[0]!.every(Number.isFinite));
  }
});

gpuTest("cross-entropy is that of the definition, also of scores that are far apart", async () => {
  for (const [rows, classes] of [[1, 2], [9, 5], [128, 60], [3, 120]] as const) {
    for (const scale of [1, 100]) {
      const oneHot = new Float32Array(rows * classes);
      for (let row = 0; row < rows; row++) oneHot[row * classes + (row * 7) % classes] = 1;
      const op: TensorOp = {
        shapes: [[rows, classes]],
        run: (tape, x: Tensor2D) => crossEntropy(tape, x, tf.tensor2d(oneHot, [rows, classes])),
      };
      const far = ([x]: readonly Float32Array[]) => x!.forEach((v, i) => x![i] = scale * v);
      await assertLikeDefinition(op, 1, rows, { output: 2e-6, gradient: 2e-6 }, far);
    }
  }
});
