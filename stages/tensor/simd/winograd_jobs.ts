/**
 * The convolution along time with nine taps and stride 1 in fewer products, in jobs for the kernels.
 *
 * @module
 */
import type { Tensor2D, Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";
import { emptyMoments, type KernelAxes, withMemory, withPanels } from "./conv_memory.ts";
import type { Moments } from "./ops/batch_norm.ts";
import type { SimdBackend } from "./simd_backend.ts";

/** Bytes of a number. */
const WORD = 4;

/** Taps; they are taken in groups of three, outputs in tiles of three frames, each at five points. */
const TAPS = 9;
const TILE = 3;
const GROUPS = 3;
const POINTS = 5;

/** Bytes of a block's inputs at the points: more than half of a second cache. */
const BLOCK_BYTES = 640 << 10;

/** Most bodies of a block, and the fewest that blocks are narrowed to while they are too large. */
const BODIES = 32;
const FEWEST_BODIES = 8;

/** Most slices that the kernel's gradient is summed in, and most bytes of their sums. */
const SLICES = 128;
const SLICES_BYTES = 16 << 20;

/** Items that keep some threads busy to the end. */
const ITEMS = 48;

/** Fewest channels on either side, and most inner ones: a block of them has to fit into the scratch. */
const FEWEST_CHANNELS = 16;
const MOST_CHANNELS = 1024;

/** Most inner channels of an item of the kernel's gradient. */
const CHANNELS = 64;

/** Share of the direct form's products below which it pays to go to the points and back. */
const SHARE = 0.85;

/** Whether a convolution runs this way. */
export function winogradPays(
  { frames, taps, stride, inner, outer }: {
    frames: number;
    taps: number;
    stride: number;
    inner: number;
    outer: number;
  },
): boolean {
  if (taps !== TAPS || stride !== 1 || inner % 4 !== 0) return false;
  if (Math.min(inner, outer) < FEWEST_CHANNELS || Math.max(inner, outer) > MOST_CHANNELS) {
    return false;
  }
  const half = (TAPS - 1) / 2;
  // Tiles of inputs that hold a frame; pairs of tiles that meet; pairs of frames that do.
  const past = Math.ceil((frames + half) / TILE);
  let pairs = 0;
  for (let j = 0; j < frames / TILE; j++) pairs += Math.min(GROUPS, past - j);
  let direct = 0;
  for (let t = 0; t < frames; t++) {
    direct += Math.min(frames - 1, t + half) - Math.max(0, t - half) + 1;
  }
  return POINTS * pairs < SHARE * direct;
}

/** y[v,t,b] = sum over k of x[v, t + k - 4, b] w[k]. */
export function winogradForward(
  backend: SimdBackend,
  x: Tensor4D,
  axes: KernelAxes,
  { normalised, moments = false }: { normalised?: Tensor2D | undefined; moments?: boolean } = {},
): { y: Tensor4D; moments?: Moments } {
  const [joints, frames, bodies] = x.shape;
  const [, inner, outer] = axes.sizes;
  const y = backend.empty<Tensor4D>([joints, frames, bodies, outer]);
  const tiles = Math.ceil(frames / TILE);
  const { width, count } = blocksOf(tiles, bodies, inner);
  const steps = Array.from(
    { length: Math.ceil(tiles / count) },
    (_, i) => Math.min(TILE * count, frames - TILE * count * i),
  );
  const joint = Array.from(
    { length: Math.ceil(bodies / width) },
    (_, i) => steps.map((many) => many * Math.min(width, bodies - i * width)),
  ).flat();
  const rows = Array.from({ length: joints }, () => joint).flat();
  const found = moments ? emptyMoments(backend, outer, rows) : undefined;
  withPanels(backend, axes, (panels) =>
    backend.pool.run("winogradConv", rows.length, [
      backend.pointer(x),
      panels,
      backend.pointer(y),
      found === undefined ? 0 : backend.pointer(found.parts),
      normalised === undefined ? 0 : backend.pointer(normalised),
      ...[frames, bodies, inner, outer, (TAPS - 1) / 2, count, width],
    ]), { kernel: "packWinogradPanels", rows: POINTS * GROUPS });
  return found === undefined ? { y } : { y, moments: found };
}

/**
 * Gradient of the kernel.
 *
 * @param x (V, T, B, C), taken as in the forward pass.
 * @param dy (V, T, B, O).
 * @returns (9, C, O).
 */
export function winogradKernelGradient(
  backend: SimdBackend,
  x: Tensor4D,
  dy: Tensor4D,
  normalised?: Tensor2D,
): Tensor3D {
  const { pool } = backend;
  const [joints, frames, bodies, inner] = x.shape;
  const outer = dy.shape[3];
  const tiles = Math.ceil(frames / TILE);
  const { width, count } = gradientBlocks(tiles, bodies, inner, outer);
  const units = joints * Math.ceil(tiles / count) * Math.ceil(bodies / width);
  const size = WORD * POINTS * GROUPS * inner * 8 * Math.ceil(outer / 8);
  const slices = Math.min(units, SLICES, Math.max(1, Math.floor(SLICES_BYTES / size)));
  const parts = Math.min(Math.ceil(ITEMS / slices), Math.ceil(inner / 16));
  const channels = Math.min(CHANNELS, 4 * Math.ceil(inner / parts / 4));
  const dw = backend.empty<Tensor3D>([TAPS, inner, outer]);
  withMemory(pool, slices * size, (sums) => {
    pool.run("winogradKernelGradient", slices * Math.ceil(inner / channels), [
      backend.pointer(x),
      backend.pointer(dy),
      sums,
      normalised === undefined ? 0 : backend.pointer(normalised),
      ...[frames, bodies, inner, outer, (TAPS - 1) / 2, count, width, joints, slices, channels],
    ]);
    pool.run("sumWinogradGradients", GROUPS * inner, [
      sums,
      slices,
      inner,
      outer,
      backend.pointer(dw),
    ]);
  });
  return dw;
}

function gradientBlocks(
  tiles: number,
  bodies: number,
  inner: number,
  outer: number,
): { width: number; count: number } {
  let width = Math.min(bodies, BODIES);
  let count = tiles;
  const bytes = () =>
    WORD * POINTS * width * (count * outer + (count + GROUPS - 1) * Math.min(CHANNELS, inner));
  while (bytes() > BLOCK_BYTES) {
    if (count > 8) count = Math.ceil(count / 2);
    else if (width > FEWEST_BODIES) width = Math.ceil(width / 2);
    else if (count > 1) count--;
    else throw new RangeError(`frames of ${inner} and ${outer} channels are too large`);
  }
  return { width, count };
}

function blocksOf(tiles: number, bodies: number, inner: number): { width: number; count: number } {
  let width = Math.min(bodies, BODIES);
  let count = tiles;
  const bytes = () => WORD * POINTS * (count + GROUPS - 1) * width * inner;
  while (bytes() > BLOCK_BYTES) {
    if (count > 8) count = Math.ceil(count / 2);
    else if (width > FEWEST_BODIES) width = Math.ceil(width / 2);
    else if (count > 1) count--;
    else throw new RangeError(`frames of ${inner} channels are too large`);
  }
  return { width, count };
}
