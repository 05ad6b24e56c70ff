import { assert } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor1D } from "@tensorflow/tfjs-core";
import { batchNormReluEval } from "../../../stages/tensor/ops/batch_norm.ts";
import { relu, reluSum } from "../../../stages/tensor/ops/activation.ts";
import { NO_TAPE } from "../../../stages/tensor/tape.ts";
import { assertLikeDefinition, gpuTest, startGpu } from "./gpu_run.ts";

const EXACT = { output: 0, gradient: 0 };

gpuTest("ReLU gives what its definition gives, forward and backward", async () => {
  for (const size of [1, 255, 1000]) {
    await assertLikeDefinition({ shapes: [[size]], run: relu }, size, size, EXACT);
  }
});

gpuTest(
  "ReLU of a sum gives what its definition gives, with and without mask and residual",
  async () => {
    for (const masked of [false, true]) {
      for (const residual of [false, true]) {
        const inputs = 1 + Number(residual) + Number(masked);
        const op = {
          shapes: Array.from({ length: inputs }, () => [7, 37]),
          constant: masked ? [inputs - 1] : [],
          run: (tape: Parameters<typeof reluSum>[0], ...tensors: Tensor[]) =>
            reluSum(
              tape,
              tensors[0]!,
              residual ? tensors[1]! : null,
              masked ? tensors[inputs - 1]! : null,
            ),
        };
        await assertLikeDefinition(op, 7 * 37, inputs, { output: 1e-6, gradient: 1e-6 });
      }
    }
  },
);

gpuTest("what is not a number stays so behind a ReLU, where a loss will show it", async () => {
  await startGpu();
  const found = tf.tidy(() => {
    const x = tf.tensor2d([NaN, -1, 2, 3], [1, 4]);
    const vector = (value: number) => tf.fill([4], value) as Tensor1D;
    const weights = { weight: vector(1), bias: vector(0) };
    const running = { mean: vector(0), variance: vector(1) };
    return [
      relu(NO_TAPE, x),
      reluSum(NO_TAPE, x, x, null),
      batchNormReluEval(x, weights, running),
    ];
  });
  for (const y of found) {
    const [first, second, third] = await y.data<"float32">();
    assert(Number.isNaN(first) && second === 0 && third! > 1);
  }
  tf.dispose(found);
});
