import * as tf from "@tensorflow/tfjs-core";
import type { Tensor } from "@tensorflow/tfjs-core";
import { assertEquals } from "@std/assert";
import { clipGradients } from "../../../stages/tensor/ops/clip_gradients.ts";
import { assertClose } from "../simd/op_run.ts";
import { normal } from "../simd/reference/reference_op.ts";
import { gpuTest, startGpu } from "./gpu_run.ts";

/** More tensors than a call binds, one of them of several slices. */
const SHAPES = [[3, 5], [1], [50, 257], [2, 2, 2], [64], [4097], [7], [8, 8], [1, 9], [130, 70]];

async function clipped(backend: string, scale: number, limit: number): Promise<Float32Array[]> {
  await tf.setBackend(backend);
  const before = tf.memory().numTensors;
  const gradients = SHAPES.map((shape, i) =>
    tf.tensor(normal(shape.reduce((size, n) => size * n, 1), i, scale), shape)
  );
  const found = clipGradients(gradients, limit);
  assertEquals(found.map(({ shape }) => shape), SHAPES);
  const numbers = await Promise.all(found.map((g) => g.data<"float32">()));
  tf.dispose(found);
  assertEquals(tf.memory().numTensors, before);
  return numbers.map((values) => values.slice());
}

gpuTest("gradients are clipped as by the definition, or left as they are to the bit", async () => {
  await startGpu();
  for (const [scale, limit] of [[1, 1], [1, 1e4], [1e-3, 5], [100, 3], [0, 1]] as const) {
    const expected = await clipped("cpu", scale, limit);
    const found = await clipped("webgpu", scale, limit);
    const untouched = limit === 1e4 || scale < 1;
    found.forEach((values, i) =>
      assertClose(values, expected[i]!, untouched ? 0 : 2e-6, `gradient ${i} of ${SHAPES[i]}`)
    );
  }
});

gpuTest("a gradient whose memory another tensor shares is not scaled under it", async () => {
  await startGpu();
  const one = tf.tensor1d([3, 4]);
  const found = clipGradients([tf.clone(one), tf.clone(one)] as Tensor[], 1);
  const values = await Promise.all([one, ...found].map((x) => x.data<"float32">()));
  assertEquals([...values[0]!], [3, 4]);
  for (const share of values.slice(1)) {
    assertClose(share, [3 / Math.sqrt(50), 4 / Math.sqrt(50)], 1e-6, "gradient");
  }
  tf.dispose([one, ...found]);
});
