/**
 * How fast a plain product of matrices is by each tile: what the convolutions could reach at best.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import { secondsOfCall } from "../../tensor/webgpu/call_seconds.ts";
import type { GpuBackend } from "../../tensor/webgpu/gpu_backend.ts";
import { matrixProduct } from "../../tensor/webgpu/matrix_product.ts";
import { loadsAlone, threadsOf, type Tile, tileBytes } from "../../tensor/webgpu/product.ts";
import { TILE_CANDIDATES } from "../../tensor/webgpu/tiles.ts";

/** Rows of A, columns of B, and what is summed over. */
export interface ProductShape {
  readonly M: number;
  readonly N: number;
  readonly K: number;
}

/** What one tile reaches. */
export interface TileSpeed {
  readonly tile: Tile;
  readonly shape: ProductShape;
  /** Floating-point operations a second. */
  readonly flops: number;
}

/** Products as convolutions over time make them, by channels; and a large square one. */
const ON_A_CARD: readonly ProductShape[] = [
  { M: 102_400, N: 64, K: 576 },
  { M: 25_600, N: 256, K: 2304 },
  { M: 4096, N: 4096, K: 4096 },
];
const IN_SOFTWARE: readonly ProductShape[] = [{ M: 1600, N: 64, K: 576 }];

/** Rows that are repeated: all shapes have whole numbers of them. */
const BLOCK = 64;

/** The shapes that are measured on an adapter. */
export function sweptShapes(software: boolean): readonly ProductShape[] {
  return software ? IN_SOFTWARE : ON_A_CARD;
}

/** Tiles that are measured for a shape: those that a workgroup of the device can hold, as wide as it. */
export function sweptTiles(
  { N }: ProductShape,
  software: boolean,
  limits: Pick<
    GPUSupportedLimits,
    "maxComputeInvocationsPerWorkgroup" | "maxComputeWorkgroupStorageSize"
  >,
): Tile[] {
  return TILE_CANDIDATES.filter((tile) =>
    (software || !loadsAlone(tile)) && tile.n <= N && tile.n >= Math.min(N, 64) / 2 &&
    threadsOf(tile) <= limits.maxComputeInvocationsPerWorkgroup &&
    tileBytes(tile) <= limits.maxComputeWorkgroupStorageSize
  );
}

/** Measures a shape by some tiles, the fastest first. */
export async function sweepProducts(
  backend: GpuBackend,
  shape: ProductShape,
  tiles: readonly Tile[],
  rounds: number,
): Promise<TileSpeed[]> {
  const { M, N, K } = shape;
  // Drawn on the CPU, hence few, and repeated.
  const filled = (rows: number, columns: number): Tensor2D =>
    tf.tidy(() =>
      tf.tile(tf.randomUniform<tf.Rank.R2>([BLOCK, columns], -1, 1, "float32", 1), [
        rows / BLOCK,
        1,
      ])
    );
  const [a, b] = [filled(M, K), filled(K, N)];
  const found: TileSpeed[] = [];
  try {
    for (const tile of tiles) {
      const last = matrixProduct(a, b, { tile });
      const seconds = await secondsOfCall(backend, rounds, (calls) => {
        for (let i = 0; i < calls; i++) matrixProduct(a, b, { tile }).dispose();
      }, last);
      last.dispose();
      found.push({ tile, shape, flops: 2 * M * N * K / seconds });
    }
  } finally {
    tf.dispose([a, b]);
  }
  return found.sort((a, b) => b.flops - a.flops);
}
