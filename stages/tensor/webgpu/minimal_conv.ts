/**
 * The convolution along time with nine taps and stride 1 in fewer products, by minimal filtering: 15
 * products replace 27. See {@link ./minimal_filter.ts}.
 *
 * @module
 */
import type { Tensor, Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";
import type { ConvSizes } from "./conv_sizes.ts";
import { gpuBackend } from "./gpu_backend.ts";
import { flatGroups } from "./kernel_code.ts";
import { pointGradientCode, pointProductsCode } from "./minimal_conv_code.ts";
import {
  kernelAtPoints,
  kernelFromPoints,
  outputLanes,
  outputsFromPoints,
  THREADS,
} from "./minimal_conv_kernels.ts";
import { GROUPS, POINTS, TILE } from "./minimal_filter.ts";
import type { Moments } from "./moments.ts";
import { product, productGroups, type Tile } from "./product.ts";
import { partsOfRows, sumOverJoints } from "./row_parts.ts";
import { minimalTile } from "./tiles.ts";

const TAPS = 9;

/** Share of the direct form's products below which it pays to go to the points and back. */
const SHARE = 0.85;

/** Rows of a joint up to which tiles are found exactly; see {@link pointGradientCode}. */
const MOST_ROWS = 1 << 20;

/** Rows of a slice of the outputs, about. */
const SLICE_ROWS = 256;

/** Whether there are that few products, and the device can bind them. */
export function minimalPays(sizes: ConvSizes): boolean {
  if (!minimalFits(sizes)) return false;
  const { joints, bodies, inner, outer } = sizes;
  const bytes = 4 * POINTS * joints * tilesOf(sizes) * bodies * Math.max(inner, outer);
  return bytes <= gpuBackend().device.limits.maxStorageBufferBindingSize &&
    POINTS * pairsOfTiles(sizes) < SHARE * pairsOfFrames(sizes);
}

/**
 * The tile of the products of a convolution's outputs or its kernel's gradient, if it runs this way: where
 * it pays, and the table of tiles does not say that it is done directly.
 */
export function tileOfOutputs(sizes: ConvSizes): Tile | undefined {
  const { joints, bodies, outer } = sizes;
  return minimalPays(sizes) ? minimalTile(joints * tilesOf(sizes) * bodies, outer) : undefined;
}

/** The same of its input's gradient. */
export function tileOfInputs(sizes: ConvSizes): Tile | undefined {
  return tileOfOutputs(turned(sizes));
}

/** Sizes of the convolution that gives the input's gradient. */
function turned(sizes: ConvSizes): ConvSizes {
  return { ...sizes, inner: sizes.outer, outer: sizes.inner };
}

/** Whether it can. */
export function minimalFits({ taps, stride, inner, outer, frames, bodies }: ConvSizes): boolean {
  return taps === TAPS && stride === 1 && inner % 4 === 0 && outer % 4 === 0 &&
    frames * bodies < MOST_ROWS;
}

function tilesOf({ frames }: ConvSizes): number {
  return Math.ceil(frames / TILE);
}

/** Tiles of inputs that hold a frame meet tiles of outputs. */
function pairsOfTiles({ frames }: ConvSizes): number {
  const past = Math.ceil((frames + (TAPS - 1) / 2) / TILE);
  let pairs = 0;
  for (let j = 0; j < frames / TILE; j++) pairs += Math.min(GROUPS, past - j);
  return pairs;
}

/** Frames that meet through a tap. */
function pairsOfFrames({ frames }: ConvSizes): number {
  const half = (TAPS - 1) / 2;
  let pairs = 0;
  for (let t = 0; t < frames; t++) {
    pairs += Math.min(frames - 1, t + half) - Math.max(0, t - half) + 1;
  }
  return pairs;
}

/** y (V, T, B, O) and the moments of its columns. */
export function minimalForward(
  x: Tensor4D,
  w: Tensor3D,
  sizes: ConvSizes,
  tile: Tile,
): { y: Tensor4D; moments: Moments } {
  return throughPoints(x, w, sizes, { tile, turned: false });
}

/** dx (V, T, B, C): the convolution of dy with the kernel turned round. */
export function minimalInputGradient(
  dy: Tensor,
  w: Tensor3D,
  sizes: ConvSizes,
  tile: Tile,
): Tensor4D {
  const { y, moments } = throughPoints(dy, w, turned(sizes), { tile, turned: true });
  moments.parts.dispose();
  return y;
}

/** The convolution of x (V, T, B, inner), to `outer` channels. */
function throughPoints(
  x: Tensor,
  w: Tensor3D,
  sizes: ConvSizes,
  { tile, turned }: { tile: Tile; turned: boolean },
) {
  const { joints, frames, bodies, inner, outer } = sizes;
  const backend = gpuBackend();
  const tiles = tilesOf(sizes);
  const rows = joints * tiles * bodies;
  const at = backend.empty<Tensor3D>([POINTS, GROUPS * inner, outer]);
  backend.run(kernelAtPoints(turned), {
    tensors: [w, at],
    groups: flatGroups(GROUPS * inner * outer, THREADS),
    numbers: turned ? [outer, inner] : [inner, outer],
  });
  const products = backend.empty<Tensor3D>([POINTS, rows, outer]);
  const [columns, down] = productGroups(tile, rows, outer);
  backend.run(product(pointProductsCode(inner), tile), {
    tensors: [x, at, products],
    groups: [columns * POINTS, down, 1],
    numbers: [joints, frames, tiles, bodies, inner, outer, columns],
  });
  at.dispose();
  const y = backend.empty<Tensor4D>([joints, frames, bodies, outer]);
  const slice = Math.min(tiles, Math.max(1, Math.round(SLICE_ROWS / bodies)));
  const perJoint = Math.ceil(tiles / slice);
  const parts = backend.empty<Tensor3D>([joints * perJoint, 2, outer]);
  backend.run(outputsFromPoints(outer), {
    tensors: [products, y, parts],
    groups: [joints * perJoint, outputLanes(outer).pieces, 1],
    numbers: [joints, frames, tiles, bodies, slice, perJoint],
  });
  products.dispose();
  return { y, moments: { parts, rows: TILE * slice * bodies, group: frames * bodies } };
}

/**
 * dw (9, C, O).
 *
 * @param mostBytes Of parts at once; see {@link sumOverJoints}.
 */
export function minimalKernelGradient(
  x: Tensor4D,
  dy: Tensor,
  sizes: ConvSizes,
  tile: Tile,
  mostBytes?: number,
): Tensor3D {
  const { joints, frames, bodies, inner, outer } = sizes;
  const backend = gpuBackend();
  const tiles = tilesOf(sizes);
  const M = GROUPS * inner;
  const [columns, down] = productGroups(tile, M, outer);
  const { perJoint, rows } = partsOfRows(tiles * bodies, columns * POINTS * down * joints, tile.k);
  const kernel = product(pointGradientCode(), tile);
  const at = sumOverJoints<Tensor3D>(
    { joints, perJoint },
    [POINTS, M, outer],
    (parts, { first, count }) =>
      backend.run(kernel, {
        tensors: [x, dy, parts],
        groups: [columns * POINTS, down, count * perJoint],
        numbers: [
          ...[joints, frames, tiles, bodies, inner, outer, columns],
          ...[perJoint, rows, 1 / bodies, first],
        ],
      }),
    mostBytes,
  );
  const dw = backend.empty<Tensor3D>([TAPS, inner, outer]);
  const size = inner * outer / 4;
  backend.run(kernelFromPoints(), {
    tensors: [at, dw],
    groups: flatGroups(GROUPS * size, THREADS),
    numbers: [size],
  });
  at.dispose();
  return dw;
}
