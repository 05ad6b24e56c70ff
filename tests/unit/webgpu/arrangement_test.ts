import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import type { Scalar, Tensor2D, Tensor3D, Tensor5D } from "@tensorflow/tfjs-core";
import { frameRows, jointRows } from "../../../stages/tensor/ops/joint_rows.ts";
import { rowOf } from "../../../stages/tensor/ops/pool.ts";
import { totalLoss } from "../../../stages/tensor/ops/total_loss.ts";
import { Tape } from "../../../stages/tensor/tape.ts";
import { drawInputs, runOp, type TensorOp } from "../simd/op_run.ts";
import { gpuTest, runGpuOp, startGpu } from "./gpu_run.ts";

/** Fails unless an operation that moves numbers gives on `webgpu` just what its definition gives. */
async function assertSame(op: TensorOp, outputs: number): Promise<void> {
  await startGpu();
  const { values, dy } = drawInputs(op, outputs, 3);
  assertEquals(await runGpuOp(op, values, dy), await runOp("cpu", op, values, dy));
}

gpuTest("coordinates are laid out by frame as the definition lays them out", async () => {
  await startGpu();
  for (const shape of [[2, 3, 5, 25, 2], [1, 3, 1, 7, 1], [3, 2, 4, 3, 3]] as const) {
    const values = Float32Array.from({ length: tf.util.sizeFromShape([...shape]) }, (_, i) => i);
    const rows = async (backend: string) => {
      await tf.setBackend(backend);
      const clips: Tensor5D = tf.tensor(values, [...shape]);
      const y = frameRows(clips);
      const found = [y.shape, [...await y.data()]];
      tf.dispose([clips, y]);
      return found;
    };
    assertEquals(await rows("webgpu"), await rows("cpu"));
  }
});

gpuTest("coordinates are laid out by joint and back as the definition lays them out", async () => {
  for (const [joints, frames, bodies, channels] of [[25, 4, 6, 3], [1, 1, 1, 1], [7, 3, 5, 2]]) {
    const shape = [joints!, frames!, bodies!, channels!] as const;
    const op: TensorOp = {
      shapes: [[frames! * bodies!, joints! * channels!]],
      run: (tape, x: Tensor2D) => jointRows(tape, x, shape),
    };
    await assertSame(op, tf.util.sizeFromShape([...shape]));
  }
});

gpuTest("a row of a stack, and its gradient among zeros, are those of the definition", async () => {
  for (const [n, i] of [[2, 0], [2, 1], [3, 1], [1, 0]]) {
    const op: TensorOp = {
      shapes: [[n!, 5, 9]],
      run: (tape, x: Tensor3D) => rowOf(tape, x, i!),
    };
    await assertSame(op, 45);
  }
});

gpuTest("the total of three losses weighs them as the definition does", async () => {
  await startGpu();
  const total = async (backend: string) => {
    await tf.setBackend(backend);
    const found = tf.tidy(() => {
      const [z, s, ns] = [1.5, 2.25, -3.125].map((loss) => tf.scalar(loss)) as [
        Scalar,
        Scalar,
        Scalar,
      ];
      return [0, 0.3, 1].map((mu) => tf.keep(totalLoss(z, s, ns, mu)));
    });
    const numbers = await Promise.all(found.map(async (t) => (await t.data())[0]!));
    tf.dispose(found);
    return numbers;
  };
  const [gpu, cpu] = [await total("webgpu"), await total("cpu")];
  cpu.forEach((value, i) => assert(Math.abs(gpu[i]! - value) < 1e-6, `${gpu[i]} for ${value}`));
});

gpuTest("parameters that nothing flows to have zeros of their own shape as gradients", async () => {
  await startGpu();
  const before = tf.memory().numTensors;
  const parameters = [[2, 3], [6], [4]].map((shape) => tf.ones(shape));
  const tape = new Tape(parameters);
  const gradients = tape.gradients([], parameters);
  for (const [i, gradient] of gradients.entries()) {
    assertEquals(gradient.shape, parameters[i]!.shape);
    assertEquals([...await gradient.data()], Array(gradient.size).fill(0));
    gradient.dispose();
  }
  tf.dispose(parameters);
  assertEquals(tf.memory().numTensors, before);
});
