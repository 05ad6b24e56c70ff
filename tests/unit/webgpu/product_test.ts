import { assert, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor1D, Tensor3D } from "@tensorflow/tfjs-core";
import { matrixProduct } from "../../../stages/tensor/webgpu/matrix_product.ts";
import {
  product,
  productGroups,
  type Tile,
  tileName,
} from "../../../stages/tensor/webgpu/product.ts";
import { TILE_CANDIDATES } from "../../../stages/tensor/webgpu/tiles.ts";
import { assertClose } from "../simd/op_run.ts";
import { normal } from "../simd/reference/reference_op.ts";
import { gpuTest, startGpu } from "./gpu_run.ts";

/** Sizes of a product. */
interface Sizes {
  readonly batch: number;
  readonly M: number;
  readonly N: number;
  readonly K: number;
}

async function assertRight(
  { batch, M, N, K }: Sizes,
  { tile, turnA, turnB }: { tile: Tile; turnA: boolean; turnB: boolean },
): Promise<void> {
  await startGpu();
  const [a, b, bias] = [normal(batch * M * K, 1), normal(batch * K * N, 2), normal(N, 3)];
  const expected = new Float64Array(batch * M * N);
  for (let z = 0; z < batch; z++) {
    for (let i = 0; i < M; i++) {
      for (let j = 0; j < N; j++) {
        let sum = bias[j]!;
        for (let k = 0; k < K; k++) {
          sum += a[z * M * K + (turnA ? k * M + i : i * K + k)]! *
            b[z * K * N + (turnB ? j * K + k : k * N + j)]!;
        }
        expected[(z * M + i) * N + j] = sum;
      }
    }
  }
  const c = tf.tidy(() =>
    matrixProduct(
      tf.tensor3d(a, turnA ? [batch, K, M] : [batch, M, K]),
      tf.tensor3d(b, turnB ? [batch, N, K] : [batch, K, N]) as Tensor3D,
      { turnA, turnB, tile, bias: tf.tensor1d(bias) as Tensor1D },
    )
  );
  assertEquals(c.shape, [batch, M, N]);
  const what = `${tileName(tile)} ${turnA ? "A turned " : ""}${turnB ? "B turned" : ""} of`;
  assertClose(await c.data(), expected, 2e-6, `${what} ${M} x ${N} x ${K}`);
  c.dispose();
}

/** One tile for each text of a thread; all of them in long tests. */
const TILES = TILE_CANDIDATES.filter(({ k, perM, perN }, i) =>
  Deno.env.has("SKELRUN_LONG") || k * perM * perN <= 512 &&
    i === TILE_CANDIDATES.findIndex((t) => t.k === k && t.perM === perM && t.perN === perN)
);

gpuTest("a product in every tile is right where sizes are no multiples of it", async () => {
  for (const [i, tile] of TILES.entries()) {
    const sizes = [{ batch: 1, M: 67, N: 36, K: 40 }, { batch: 1, M: 132, N: 20, K: 36 }][i % 2]!;
    await assertRight(sizes, { tile, turnA: false, turnB: false });
  }
});

gpuTest(
  "either operand of a product may lie turned, with sizes of whole vectors or not",
  async () => {
    // Threads that load for themselves, and threads that share.
    for (const k of [4, 8]) {
      const tile = { m: 16, n: 32, k, perM: 4, perN: 8 };
      for (const turnA of [false, true]) {
        for (const turnB of [false, true]) {
          await assertRight({ batch: 2, M: 36, N: 40, K: 20 }, { tile, turnA, turnB });
          await assertRight({ batch: 3, M: 17, N: 33, K: 5 }, { tile, turnA, turnB });
          await assertRight({ batch: 1, M: 1, N: 1, K: 1 }, { tile, turnA, turnB });
        }
      }
    }
  },
);

gpuTest("a product is the same to the byte on every run", async () => {
  await startGpu();
  const [a, b] = [
    tf.tensor(normal(100 * 300, 1), [100, 300]),
    tf.tensor(normal(300 * 40, 2), [300, 40]),
  ];
  const run = async () => {
    const c = matrixProduct(a, b);
    const values = (await c.data()).slice();
    c.dispose();
    return values;
  };
  const first = await run();
  assert(first.some((value) => value !== 0));
  for (let i = 0; i < 3; i++) assertEquals(await run(), first);
  tf.dispose([a, b]);
});

Deno.test("a tile whose sizes do not fit each other is refused", () => {
  const code = {
    key: "no product",
    bindings: [],
    begin: "",
    loadA: { along: "k", value: "" },
    loadB: { along: "k", value: "" },
    store: "",
  } as const;
  const tile = { m: 16, n: 16, k: 16, perM: 4, perN: 4 };
  for (const wrong of [{ ...tile, k: 12 }, { ...tile, perN: 2 }, { ...tile, perM: 32 }]) {
    assertThrows(() => product(code, wrong), RangeError, "no tile");
  }
});

Deno.test("more tiles than a device takes are refused", () => {
  const tile = { m: 16, n: 16, k: 16, perM: 4, perN: 4 };
  assertEquals(productGroups(tile, 16 * 65535, 17, 3), [2, 65535, 3]);
  assertThrows(() => productGroups(tile, 16 * 65535 + 1, 17), RangeError, "fewer clips at once");
});
