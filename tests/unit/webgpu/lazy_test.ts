import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor } from "@tensorflow/tfjs-core";
import { batchNormRelu, type BatchNormWeights } from "../../../stages/tensor/ops/batch_norm.ts";
import { NO_TAPE } from "../../../stages/tensor/tape.ts";
import { kernelOf } from "../../../stages/tensor/webgpu/kernel_code.ts";
import { deferred, rectifiedOnLoad } from "../../../stages/tensor/webgpu/lazy.ts";
import { normal } from "../simd/reference/reference_op.ts";
import { gpuTest, startGpu } from "./gpu_run.ts";

const [ROWS, COLUMNS] = [50, 12];

function rectifiedNorm(x: Tensor): Tensor {
  return tf.tidy(() => {
    const weights = { weight: tf.ones([COLUMNS]), bias: tf.zeros([COLUMNS]) } as BatchNormWeights;
    return batchNormRelu(NO_TAPE, x, weights).y;
  });
}

gpuTest("a ReLU's result is unwritten until somebody wants it, whoever that is", async () => {
  const backend = await startGpu();
  const x = tf.tensor2d(normal(ROWS * COLUMNS, 1), [ROWS, COLUMNS]);
  const wanting: ((y: Tensor) => Tensor)[] = [
    (y) => tf.add(y, 0),
    (y) => tf.slice(y, [0, 0], [ROWS, COLUMNS]),
    (y) => tf.tidy(() => tf.clone(tf.reshape(y, [ROWS * COLUMNS]))),
    (y) => {
      const copy = backend.empty(y.shape);
      backend.copy(y, copy);
      return copy;
    },
  ];
  const before = tf.memory().numTensors;
  const seen: Float32Array[] = [];
  for (const want of wanting) {
    const y = rectifiedNorm(x);
    assert(deferred(y) !== undefined);
    const z = want(y);
    const numbers = (await z.data<"float32">()).slice();
    assertEquals(deferred(y), undefined);
    y.dispose();
    z.dispose();
    seen.push(numbers);
  }
  assert(seen[0]!.some((value) => value > 0));
  for (const numbers of seen) assertEquals(numbers, seen[0]);
  assertEquals(tf.memory().numTensors, before);
  x.dispose();
});

gpuTest(
  "what nobody wants is never written, and lets go of what it would be written from",
  async () => {
    const backend = await startGpu();
    const x = tf.tensor2d(normal(ROWS * COLUMNS, 1), [ROWS, COLUMNS]);
    const before = tf.memory().numTensors;
    backend.profile = new Map();
    const y = rectifiedNorm(x);
    const again = tf.clone(y);
    y.dispose();
    assert(deferred(again) !== undefined);
    again.dispose();
    assert(![...backend.profile.keys()].some((key) => key.startsWith("normalised rows")));
    backend.profile = undefined;
    assertEquals(tf.memory().numTensors, before);
    x.dispose();
  },
);

gpuTest("normalising on load gives the bytes that are written", async () => {
  const backend = await startGpu();
  const x = tf.tensor2d(normal(ROWS * COLUMNS, 1), [ROWS, COLUMNS]);
  for (const wide of [true, false]) {
    const y = rectifiedNorm(x);
    const own = deferred(y)!;
    const type = wide ? "vec4<f32>" : "f32";
    const step = wide ? 4 : 1;
    const kernel = kernelOf(`test of loads ${wide}`, () => ({
      bindings: [{ name: "x", type }, { name: "k", type }, { name: "z", type, write: true }],
      workgroup: [COLUMNS / step],
      declarations: rectifiedOnLoad(wide, `${COLUMNS}u`),
      main: `let at = wid.x * ${COLUMNS / step}u + lix;
        z[at] = rectified(x[at], lix * ${step}u);`,
    }));
    const z = backend.empty([ROWS, COLUMNS]);
    backend.run(kernel, { tensors: [own.x, own.coefficients, z], groups: [ROWS, 1, 1] });
    assertEquals(await z.data(), await y.data());
    tf.dispose([y, z]);
  }
  x.dispose();
});
