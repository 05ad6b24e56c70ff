import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";
import { temporalConv } from "../../../stages/tensor/ops/temporal_conv.ts";
import { NO_TAPE } from "../../../stages/tensor/tape.ts";
import { sumOverJoints } from "../../../stages/tensor/webgpu/row_parts.ts";
import { momentsOf } from "../../../stages/tensor/webgpu/moments.ts";
import { DEFAULT_TILES, setTileTable } from "../../../stages/tensor/webgpu/tiles.ts";
import { assertClose, type TensorOp } from "../simd/op_run.ts";
import { normal } from "../simd/reference/reference_op.ts";
import { assertLikeDefinition, gpuTest, startGpu } from "./gpu_run.ts";

/** Joints, steps after the stride, bodies, channels in, channels out, taps, stride. */
type Case = readonly [number, number, number, number, number, number, number];

async function assertRight(
  [joints, steps, bodies, inner, outer, taps, stride]: Case,
  change?: (values: readonly Float32Array[]) => void,
): Promise<void> {
  const op: TensorOp = {
    shapes: [[joints, steps * stride, bodies, inner], [taps, inner, outer]],
    run: (tape, x, w) => temporalConv(tape, x, w, stride),
  };
  await assertLikeDefinition(op, joints * steps * bodies * outer, 1, {}, change);
}

gpuTest(
  "a convolution along time gives what its definition gives, forward and backward",
  async () => {
    for (
      const sizes of [
        [3, 10, 4, 16, 16, 9, 1],
        [2, 7, 3, 16, 32, 9, 2],
        [25, 4, 2, 8, 12, 9, 1],
        [3, 11, 5, 16, 20, 1, 2],
        [2, 6, 3, 20, 16, 1, 1],
      ] as const
    ) await assertRight(sizes);
  },
);

gpuTest("a convolution along time is right where channels are no whole vectors", async () => {
  for (
    const sizes of [
      [2, 5, 3, 3, 16, 9, 1],
      [2, 5, 2, 6, 5, 9, 2],
      [3, 4, 2, 5, 8, 1, 2],
      [2, 3, 3, 1, 1, 3, 1],
    ] as const
  ) await assertRight(sizes);
});

gpuTest("a convolution along time is right in a GPU's tiles too", async () => {
  await startGpu();
  try {
    for (const name of ["many x 16", "many x 64"]) {
      const tile = DEFAULT_TILES[name]!;
      setTileTable({ "16x16": tile, "many x 16": tile, "many x 32": tile, "many x 64": tile });
      await assertRight([3, 10, 4, 16, 20, 9, 1]);
      await assertRight([2, 7, 5, 12, 40, 9, 2]);
      await assertRight([2, 4, 17, 8, 16, 9, 2]);
    }
  } finally {
    setTileTable({});
  }
});

gpuTest("a convolution along time is right on one frame, one joint and one body", async () => {
  for (
    const sizes of [
      [1, 1, 1, 16, 16, 9, 1],
      [1, 1, 1, 4, 4, 9, 2],
      [1, 2, 1, 4, 4, 1, 1],
    ] as const
  ) await assertRight(sizes);
});

gpuTest("bodies of zeros change nothing but their own rows", async () => {
  await assertRight([2, 6, 4, 8, 8, 9, 1], ([x]) => {
    for (let i = 0; i < x!.length; i++) if (Math.floor(i / 8) % 4 >= 2) x![i] = 0;
  });
});

gpuTest("a convolution hands out the moments of its columns", async () => {
  await startGpu();
  // Rows that are no multiple of any tile, far from zero and hardly spread.
  const [joints, frames, bodies, channels] = [5, 11, 13, 8];
  const rows = joints * frames * bodies;
  const x = tf.tensor4d(normal(rows * channels, 1).map((v) => 1000 + v), [
    joints,
    frames,
    bodies,
    channels,
  ]);
  const identity = new Float32Array(channels * channels);
  for (let c = 0; c < channels; c++) identity[c * channels + c] = 1;
  const w = tf.tensor3d(identity, [1, channels, channels]);
  const found = tf.tidy(() => {
    const y = temporalConv(NO_TAPE, x as Tensor4D, w as Tensor3D, 1);
    const moments = momentsOf(y, channels);
    return { y: tf.keep(y), parts: tf.keep(moments.parts), slice: moments.rows };
  });
  const [y, parts] = await Promise.all([found.y.data(), found.parts.data()]);
  assertEquals(found.parts.shape, [Math.ceil(rows / found.slice), 2, channels]);
  const expected = new Float64Array(parts.length);
  for (let slice = 0; slice * found.slice < rows; slice++) {
    const [first, last] = [slice * found.slice, Math.min(rows, (slice + 1) * found.slice)];
    for (let c = 0; c < channels; c++) {
      let [mean, squares] = [0, 0];
      for (let r = first; r < last; r++) mean += y[r * channels + c]! / (last - first);
      for (let r = first; r < last; r++) squares += (y[r * channels + c]! - mean) ** 2;
      expected[2 * slice * channels + c] = mean;
      expected[(2 * slice + 1) * channels + c] = squares;
    }
  }
  const half = (numbers: ArrayLike<number>, which: number) =>
    Float64Array.from(numbers).filter((_, i) => Math.floor(i / channels) % 2 === which);
  assertClose(half(parts, 0), half(expected, 0), 1e-6, "means");
  assertClose(half(parts, 1), half(expected, 1), 1e-4, "squared deviations");
  tf.dispose([x, w, found.y, found.parts]);
});

gpuTest(
  "parts of joints are summed a few joints at a time where they take much memory",
  async () => {
    const backend = await startGpu();
    const [joints, perJoint] = [7, 2];
    const expected = [0, 1, 2, 3, 4, 5].map((i) => joints * perJoint * i);
    const ranges: [number, number][] = [];
    const part = tf.tensor1d([0, 1, 2, 3, 4, 5]);
    const before = tf.memory().numTensors;
    const sum = sumOverJoints({ joints, perJoint }, [2, 3], (parts, { first, count }) => {
      ranges.push([first, count]);
      for (let i = 0; i < count * perJoint; i++) backend.copy(part, parts, 6 * i);
    }, 3 * 48 + 8);
    assertEquals(tf.memory().numTensors, before + 1);
    assertEquals(ranges, [[0, 3], [3, 3], [6, 1]]);
    assertEquals(sum.shape, [2, 3]);
    assertEquals(Array.from(await sum.data()), expected);
    tf.dispose([part, sum]);
  },
);
