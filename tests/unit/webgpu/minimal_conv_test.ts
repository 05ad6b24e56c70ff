import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";
import { temporalConv } from "../../../stages/tensor/ops/temporal_conv.ts";
import type { ConvSizes } from "../../../stages/tensor/webgpu/conv_sizes.ts";
import {
  minimalForward,
  minimalInputGradient,
  minimalKernelGradient,
  tileOfInputs,
  tileOfOutputs,
} from "../../../stages/tensor/webgpu/minimal_conv.ts";
import type { Tile } from "../../../stages/tensor/webgpu/product.ts";
import { temporalConvKernelGradient } from "../../../stages/tensor/webgpu/ops/temporal_conv.ts";
import { DIRECTLY, setTileTable, startTiles } from "../../../stages/tensor/webgpu/tiles.ts";
import { assertClose, type TensorOp } from "../simd/op_run.ts";
import { normal } from "../simd/reference/reference_op.ts";
import * as reference from "../simd/reference/temporal_conv.ts";
import { assertLikeDefinition, gpuTest, startGpu } from "./gpu_run.ts";

function sizesOf(
  [joints, frames, bodies, inner, outer]: readonly [number, number, number, number, number],
): ConvSizes {
  return { joints, frames, steps: frames, bodies, inner, outer, taps: 9, stride: 1 };
}

const tile = (m: number, n: number, k: number, perM: number, perN: number): Tile => ({
  m,
  n,
  k,
  perM,
  perN,
});

/** Of software adapters, in which threads load for themselves. */
const OWN = tile(32, 32, 4, 8, 16);

async function assertRight(sizes: ConvSizes, tile = OWN): Promise<void> {
  const backend = await startGpu();
  const { joints, frames, bodies, inner, outer } = sizes;
  const rows = joints * frames * bodies;
  const exact = reference.temporalConv(sizes);
  const values = [normal(rows * inner, 1), normal(9 * inner * outer, 2)];
  const flow = normal(rows * outer, 3);
  const [dx, dw] = exact.gradient(values, flow);
  const x = tf.tensor(values[0]!, [joints, frames, bodies, inner]) as Tensor4D;
  const w = tf.tensor(values[1]!, [9, inner, outer]) as Tensor3D;
  const dy = tf.tensor(flow, [joints, frames, bodies, outer]);
  const before = tf.memory().numTensors;
  const { y, moments } = minimalForward(x, w, sizes, tile);
  const found: Tensor[] = [
    y,
    minimalInputGradient(dy, w, sizes, tile),
    minimalKernelGradient(x, dy, sizes, tile),
  ];
  assertEquals(tf.memory().numTensors, before + 4, "tensors are left behind");
  const [own, ownDx, ownDw] = await Promise.all(found.map((tensor) => tensor.data()));
  const what = JSON.stringify([joints, frames, bodies, inner, outer]);
  assertClose(own!, exact.forward(values), 4e-6, `y of ${what}`);
  assertClose(ownDx!, dx!, 4e-6, `dx of ${what}`);
  assertClose(ownDw!, dw!, 1e-5, `dw of ${what}`);
  const parts = await moments.parts.data<"float32">();
  assertMoments(own as Float32Array, parts, moments, outer);
  tf.dispose([x, w, dy, moments.parts, ...found]);
  backend.submit();
}

/** Merges the slices' moments and compares them with those of y. */
function assertMoments(
  y: Float32Array,
  parts: Float32Array,
  { rows, group }: { rows: number; group?: number },
  columns: number,
): void {
  const all = y.length / columns;
  const perGroup = Math.ceil(group! / rows);
  assertEquals(parts.length, 2 * columns * perGroup * all / group!);
  for (let c = 0; c < columns; c++) {
    let [count, mean, squares] = [0, 0, 0];
    for (let slice = 0; slice < parts.length / (2 * columns); slice++) {
      const many = Math.min(rows, group! - (slice % perGroup) * rows);
      const apart = parts[2 * slice * columns + c]! - mean;
      squares += parts[(2 * slice + 1) * columns + c]! +
        apart * apart * count * many / (count + many);
      mean += apart * many / (count + many);
      count += many;
    }
    let exact = 0, spread = 0;
    for (let r = 0; r < all; r++) exact += y[r * columns + c]! / all;
    for (let r = 0; r < all; r++) spread += (y[r * columns + c]! - exact) ** 2;
    assertEquals(count, all);
    assert(Math.abs(mean - exact) <= 1e-5 * Math.sqrt(spread / all), `mean of column ${c}`);
    assert(Math.abs(squares - spread) <= 1e-5 * spread, `squared deviations of column ${c}`);
  }
}

gpuTest("minimal filtering gives what the convolution gives, forward and backward", async () => {
  await assertRight(sizesOf([2, 12, 5, 16, 20]));
  await assertRight(sizesOf([3, 7, 3, 8, 4]));
  await assertRight(sizesOf([1, 1, 1, 4, 8]));
  await assertRight(sizesOf([2, 5, 150, 4, 4]));
});

gpuTest(
  "minimal filtering is right in a GPU's tiles, of fewer columns than there are",
  async () => {
    await assertRight(sizesOf([2, 10, 4, 12, 40]), tile(32, 32, 8, 4, 4));
  },
);

gpuTest(
  "minimal filtering is for GPUs, where it saves enough, unless the tiles say otherwise",
  async () => {
    await startGpu();
    const wide = sizesOf([25, 64, 32, 64, 64]);
    assertEquals(tileOfOutputs(wide), undefined, "in software");
    startTiles(false);
    try {
      assert(tileOfOutputs(wide) !== undefined);
      const narrow = { ...wide, outer: 16 };
      assertEquals(tileOfOutputs(narrow), undefined, "few channels");
      assert(tileOfInputs(narrow) !== undefined, "many channels of the input");
      assertEquals(tileOfOutputs({ ...wide, outer: 66 }), undefined, "no whole vectors");
      assertEquals(tileOfOutputs({ ...wide, taps: 1 }), undefined, "one tap");
      assertEquals(tileOfOutputs({ ...wide, stride: 2, steps: 32 }), undefined, "stride 2");
      assertEquals(tileOfOutputs({ ...wide, frames: 2, steps: 2 }), undefined, "few frames");
      assertEquals(
        tileOfOutputs({ ...wide, bodies: 1 << 13 }),
        undefined,
        "more than can be bound",
      );
      setTileTable({ "minimal many x 64": DIRECTLY });
      assertEquals(tileOfOutputs(wide), undefined, "the table says so");
    } finally {
      startTiles(true);
    }
  },
);

gpuTest("a convolution takes the way that the table of tiles says", async () => {
  await startGpu();
  setTileTable({ "minimal many x 64": OWN });
  try {
    const op: TensorOp = {
      shapes: [[2, 9, 20, 64], [9, 64, 64]],
      run: (tape, x, w) => temporalConv(tape, x, w, 1),
    };
    const backend = await startGpu();
    backend.profile = new Map();
    await assertLikeDefinition(op, 2 * 9 * 20 * 64, 1);
    const called = [...backend.profile.keys()].filter((key) => key.includes("minimal conv"));
    assertEquals(called.length, 6, called.join());
  } finally {
    setTileTable({});
    (await startGpu()).profile = undefined;
  }
});

gpuTest(
  "a kernel's gradient is the same whether all joints' parts are held at once or not",
  async () => {
    await startGpu();
    const sizes = sizesOf([5, 9, 6, 8, 12]);
    const x = tf.tensor(normal(5 * 9 * 6 * 8, 1), [5, 9, 6, 8]) as Tensor4D;
    const dy = tf.tensor(normal(5 * 9 * 6 * 12, 2), [5, 9, 6, 12]);
    const two = 2 * 4 * 5 * 24 * 12;
    for (
      const [whole, pieces] of [
        [
          temporalConvKernelGradient(x, dy, sizes),
          temporalConvKernelGradient(x, dy, sizes, two),
        ],
        [
          minimalKernelGradient(x, dy, sizes, OWN),
          minimalKernelGradient(x, dy, sizes, OWN, two),
        ],
      ]
    ) {
      assertClose(await pieces!.data(), await whole!.data(), 1e-6, "dw");
      tf.dispose([whole!, pieces!]);
    }
    tf.dispose([x, dy]);
  },
);
