import type { Tensor } from "@tensorflow/tfjs-core";
import { relu, reluSum } from "../../../stages/tensor/ops/activation.ts";
import { assertLikeDefinition, gpuTest } from "./gpu_run.ts";

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
