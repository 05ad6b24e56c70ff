import { relu } from "../../../stages/tensor/ops/activation.ts";
import { assertLikeDefinition, gpuTest } from "./gpu_run.ts";

gpuTest("ReLU gives what its definition gives, forward and backward", async () => {
  for (const size of [1, 255, 1000]) {
    await assertLikeDefinition({ shapes: [[size]], run: relu }, size, size, {
      output: 0,
      gradient: 0,
    });
  }
});
