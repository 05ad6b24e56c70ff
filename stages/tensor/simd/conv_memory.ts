/**
 * What the convolutions share: kernels in panels, memory for the length of a call, and the moments of their
 * outputs.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";
import type { KernelPool } from "./kernel_pool.ts";
import type { Moments } from "./ops/batch_norm.ts";
import type { SimdBackend } from "./simd_backend.ts";

/** Outputs of a panel. */
const PANEL = 8;

/** Bytes of a number. */
const WORD = 4;

/** A convolution's output. */
export interface ConvOutput {
  readonly y: Tensor4D;
  /** Of y's channels, where they were asked for. */
  readonly moments?: Moments;
}

/** Runs something with memory that is given back after it. */
export function withMemory<R>(pool: KernelPool, bytes: number, run: (pointer: number) => R): R {
  const pointer = pool.allocate(bytes);
  try {
    return run(pointer);
  } finally {
    pool.release(pointer, bytes);
  }
}

/** Where the kernels of a convolution are, in numbers from `w`: first tap, and distances by axis. */
export interface KernelAxes {
  readonly w: Tensor;
  readonly first: number;
  /** Taps (or partitions), inner and outer channels of the convolution to run. */
  readonly sizes: readonly [taps: number, inner: number, outer: number];
  readonly steps: readonly [tap: number, inner: number, outer: number];
}

/**
 * Runs something with kernels packed into panels of eight outputs, each (taps, inner, 8), or as another packing
 * kernel leaves them, (rows, inner, 8).
 */
export function withPanels<R>(
  backend: SimdBackend,
  { w, first, sizes, steps }: KernelAxes,
  run: (panels: number) => R,
  { kernel = "packPanels", rows = sizes[0] } = {},
): R {
  const { pool } = backend;
  const [, inner, outer] = sizes;
  const items = Math.ceil(outer / PANEL);
  const bytes = WORD * items * PANEL * Math.max(1, rows * inner);
  return withMemory(pool, bytes, (panels) => {
    const args = [backend.pointer(w) + WORD * first, panels, ...sizes, ...steps];
    pool.run(kernel, items, args);
    return run(panels);
  });
}

/**
 * Memory for the moments of blocks of rows, each (2, channels).
 *
 * @param rows Rows of each block, in order.
 */
export function emptyMoments(
  backend: SimdBackend,
  channels: number,
  rows: readonly number[],
): Moments {
  const parts = backend.empty<Tensor3D>([rows.length, 2, channels]);
  const equal = rows.slice(0, -1).every((count) => count === rows[0]!) && rows.at(-1)! <= rows[0]!;
  return { parts, rows: equal ? rows[0]! : tf.tensor1d(rows as number[], "int32") };
}
