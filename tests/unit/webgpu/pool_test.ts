import type { Tensor2D, Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";
import { assertEquals } from "@std/assert";
import { bodyRows } from "../../../stages/tensor/ops/body_rows.ts";
import { meanOfBodies } from "../../../stages/tensor/ops/linear.ts";
import { maskPool, poolTokens, scaledSigmoid, tokensOf } from "../../../stages/tensor/ops/pool.ts";
import type { Tape } from "../../../stages/tensor/tape.ts";
import { drawInputs, runOp, type TensorOp } from "../simd/op_run.ts";
import { assertLikeDefinition, gpuTest, runGpuOp, startGpu } from "./gpu_run.ts";

/** (V, T, B, D): odd sizes, multiples of four, one of everything, more than one workgroup takes. */
const FEATURES = [[5, 3, 2, 7], [25, 4, 3, 64], [1, 1, 1, 1], [3, 30, 1, 4], [
  2,
  2,
  5,
  70,
]] as const;

gpuTest("means over all tokens are those of the definition", async () => {
  for (const [joints, frames, bodies, size] of FEATURES) {
    const op = {
      shapes: [[joints, frames, bodies, size]],
      run: (tape: Tape, f: Tensor4D) => poolTokens(tape, f),
    };
    await assertLikeDefinition(op, bodies * size, size, { output: 2e-6, gradient: 1e-6 });
  }
});

gpuTest("features body by body are those of the definition to the bit", async () => {
  await startGpu();
  for (const [joints, frames, bodies, size] of FEATURES) {
    const op: TensorOp = {
      shapes: [[joints, frames, bodies, size]],
      run: (tape, f: Tensor4D) => tokensOf(tape, f),
    };
    const { values, dy } = drawInputs(op, joints * frames * bodies * size, size);
    assertEquals(await runGpuOp(op, values, dy), await runOp("cpu", op, values, dy));
  }
});

gpuTest("means over tokens are split by a mask, whichever of the two has a gradient", async () => {
  for (const [joints, frames, bodies, size] of FEATURES) {
    const shape = [bodies, joints * frames, size];
    const run = (tape: Tape, f: Tensor3D, mask: Tensor3D) => maskPool(tape, f, mask);
    for (const constant of [[], [0], [1]]) {
      const op = { shapes: [shape, shape], run, constant };
      await assertLikeDefinition(op, 2 * bodies * size, size, { output: 3e-6, gradient: 2e-6 });
    }
  }
});

gpuTest("the scaled sigmoid is that of the definition, also where it is 0 or 1", async () => {
  for (const [size, scale] of [[1, 1], [7, 1], [64, 1], [70, 20], [64, 20]] as const) {
    const op = {
      shapes: [[2, 3, size]],
      run: (tape: Tape, x: Tensor3D) => scaledSigmoid(tape, x, 2),
    };
    const scaled = ([x]: readonly Float32Array[]) => x!.forEach((v, i) => x![i] = v * scale);
    await assertLikeDefinition(op, 6 * size, size, { output: 1e-6, gradient: 1e-6 }, scaled);
  }
});

gpuTest("means over the bodies of clips are those of the definition", async () => {
  for (const [clips, bodies, size] of [[3, 2, 5], [4, 1, 8], [70, 3, 64], [1, 2, 1]] as const) {
    const op = {
      shapes: [[clips * bodies, size]],
      run: (tape: Tape, x: Tensor2D) => meanOfBodies(tape, x, bodies),
    };
    await assertLikeDefinition(op, clips * size, size, { output: 1e-6, gradient: 1e-6 });
  }
});

gpuTest(
  "rows of bodies are put where their clips have them, and collect all their gradients",
  async () => {
    for (const [taken, size] of [[[0, 2, 1, 2, 2, 3], 5], [[0], 1], [[1, 0, 1, 1], 64]] as const) {
      const op = {
        shapes: [[1 + Math.max(...taken), size]],
        run: (tape: Tape, x: Tensor2D) => bodyRows(tape, x, taken),
      };
      await assertLikeDefinition(op, taken.length * size, size, { output: 0, gradient: 1e-6 });
    }
  },
);
