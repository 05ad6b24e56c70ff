/**
 * The convolution along time in jobs for the kernels: forward, and the gradients of its input and of its
 * kernel. How jobs are cut depends on shapes alone.
 *
 * @module
 */
import type { Tensor2D, Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";
import { type ConvOutput, emptyMoments, withMemory, withPanels } from "./conv_memory.ts";
import { SCRATCH_BYTES } from "./kernel_pool.ts";
import type { SimdBackend } from "./simd_backend.ts";

/** Bytes of a number. */
const WORD = 4;

/** Most bodies in a block. */
const BODIES = 64;

/** Rows (frames by bodies) in a block that is read where it lies. */
const ROWS = 256;

/** Bytes of a block that is copied, with the frames around it: half of a second cache. */
const COPIED_BYTES = 384 << 10;

/** Rows in a block of the kernel's gradient. */
const GRADIENT_ROWS = 1024;

/** Most slices that the kernel's gradient is summed in, and most bytes of their sums. */
const SLICES = 128;
const SLICES_BYTES = 8 << 20;

/** Items that keep some threads busy to the end. */
const ITEMS = 48;

/** Of the scratch, what pointers and the like may take. */
const RESERVED = 8192;

/** How a convolution runs. */
export interface TemporalConvOptions {
  /**
   * Coefficients of a batch normalisation (4, C): take max((x - mean) scale + offset, 0) for x. Zero padding
   * stands for zeros after that.
   */
  readonly normalised?: Tensor2D | undefined;
  /** Also give the moments of y's channels. */
  readonly moments?: boolean;
}

interface Blocks {
  readonly frames: number;
  readonly bodies: number;
}

/** y[v,t,b] = sum over k of x[v, stride t + k - padding, b] w[k]; see the definition. */
export function temporalConvForward(
  backend: SimdBackend,
  x: Tensor4D,
  w: Tensor3D,
  stride: number,
  { normalised, moments = false }: TemporalConvOptions = {},
): ConvOutput {
  const [joints, frames, bodies] = x.shape;
  const [taps, inner, outer] = w.shape;
  const steps = frames / stride;
  const y = backend.empty<Tensor4D>([joints, steps, bodies, outer]);
  const copied = normalised !== undefined || bodies % 4 !== 0;
  const blocks = forwardBlocks({ steps, bodies, inner, taps, stride, copied });
  const rows = rowsOf(blocks, joints, steps, bodies);
  const found = moments ? emptyMoments(backend, outer, rows) : undefined;
  const axes = {
    w,
    first: 0,
    sizes: [taps, inner, outer],
    steps: [inner * outer, outer, 1],
  } as const;
  withPanels(backend, axes, (panels) =>
    backend.pool.run("temporalConv", rows.length, [
      backend.pointer(x),
      panels,
      backend.pointer(y),
      found === undefined ? 0 : backend.pointer(found.parts),
      normalised === undefined ? 0 : backend.pointer(normalised),
      ...[frames, steps, bodies, inner, outer, taps, (taps - 1) / 2, stride, 1, 0],
      blocks.frames,
      blocks.bodies,
    ]));
  return found === undefined ? { y } : { y, moments: found };
}

/**
 * Gradient of the input: for each remainder of the frame by the stride, a convolution of dy with the taps that
 * reach such frames, turned round.
 *
 * @param dy (V, T / stride, B, O).
 * @param w (taps, C, O).
 * @returns (V, T, B, C).
 */
export function temporalConvInputGradient(
  backend: SimdBackend,
  dy: Tensor4D,
  w: Tensor3D,
  stride: number,
): Tensor4D {
  const [joints, steps, bodies] = dy.shape;
  const [taps, inner, outer] = w.shape;
  const half = (taps - 1) / 2;
  const dx = backend.empty<Tensor4D>([joints, steps * stride, bodies, inner]);
  for (let phase = 0; phase < stride; phase++) {
    // Frame s = stride u + phase meets y[t] by the tap k = s + half - stride t.
    const least = (phase + half) % stride;
    const many = least >= taps ? 0 : Math.floor((taps - 1 - least) / stride) + 1;
    const last = least + (many - 1) * stride;
    const lead = many === 0 ? 0 : (last - half - phase) / stride;
    const shape = { steps, bodies, inner: outer, taps: many, stride: 1, copied: bodies % 4 !== 0 };
    const blocks = forwardBlocks(shape);
    const axes = {
      w,
      first: Math.max(0, last) * inner * outer,
      sizes: [many, outer, inner],
      steps: [-stride * inner * outer, 1, outer],
    } as const;
    withPanels(
      backend,
      axes,
      (panels) =>
        backend.pool.run("temporalConv", joints * countOf(blocks, steps, bodies), [
          backend.pointer(dy),
          panels,
          backend.pointer(dx),
          ...[0, 0],
          ...[steps, steps, bodies, outer, inner, many, lead, 1, stride, phase],
          blocks.frames,
          blocks.bodies,
        ]),
    );
  }
  return dx;
}

/**
 * Gradient of the kernel.
 *
 * @param x (V, T, B, C), taken as in the forward pass.
 * @param dy (V, T / stride, B, O).
 * @returns (taps, C, O).
 */
export function temporalConvKernelGradient(
  backend: SimdBackend,
  x: Tensor4D,
  dy: Tensor4D,
  taps: number,
  stride: number,
  normalised?: Tensor2D,
): Tensor3D {
  const { pool } = backend;
  const [joints, frames, bodies, inner] = x.shape;
  const [, steps, , outer] = dy.shape;
  const blocks = gradientBlocks({ joints, steps, bodies, inner, outer, taps, stride });
  const units = joints * countOf(blocks, steps, bodies);
  const size = WORD * taps * upTo(inner, 4) * upTo(outer, 8);
  const slices = Math.min(units, SLICES, Math.max(1, Math.floor(SLICES_BYTES / size)));
  const parts = Math.min(Math.ceil(ITEMS / slices), Math.ceil(inner / 16));
  const channels = upTo(Math.ceil(inner / parts), 4);
  const dw = backend.empty<Tensor3D>([taps, inner, outer]);
  withMemory(pool, slices * size, (sums) => {
    pool.run("temporalConvKernelGradient", slices * Math.ceil(inner / channels), [
      backend.pointer(x),
      backend.pointer(dy),
      sums,
      normalised === undefined ? 0 : backend.pointer(normalised),
      ...[frames, steps, bodies, inner, outer, taps, (taps - 1) / 2, stride],
      blocks.frames,
      blocks.bodies,
      joints,
      slices,
      channels,
    ]);
    pool.run("sumKernelGradients", Math.ceil(taps * inner / 8), [
      sums,
      slices,
      taps,
      inner,
      outer,
      backend.pointer(dw),
    ]);
  });
  return dw;
}

function countOf(blocks: Blocks, steps: number, bodies: number): number {
  return Math.ceil(steps / blocks.frames) * Math.ceil(bodies / blocks.bodies);
}

/** Rows of each block, in the kernels' order. */
function rowsOf(blocks: Blocks, joints: number, steps: number, bodies: number): number[] {
  const parts = (length: number, block: number) =>
    Array.from(
      { length: Math.ceil(length / block) },
      (_, i) => Math.min(block, length - i * block),
    );
  const frames = parts(steps, blocks.frames);
  const joint = parts(bodies, blocks.bodies).flatMap((width) =>
    frames.map((count) => count * width)
  );
  return Array.from({ length: joints }, () => joint).flat();
}

function forwardBlocks(
  { steps, bodies, inner, taps, stride, copied }: {
    steps: number;
    bodies: number;
    inner: number;
    taps: number;
    stride: number;
    copied: boolean;
  },
): Blocks {
  let width = Math.min(bodies, BODIES);
  if (!copied) return { frames: Math.min(steps, Math.ceil(ROWS / width)), bodies: width };
  const bytes = (count: number) => WORD * inner * width * (stride * (count - 1) + taps);
  while (bytes(1) > SCRATCH_BYTES - RESERVED) {
    if (width === 1) {
      throw new RangeError(`a frame of ${inner} channels and its taps are too large`);
    }
    width = width >> 1;
  }
  let count = Math.min(steps, Math.ceil(GRADIENT_ROWS / width));
  while (count > 1 && bytes(count) > COPIED_BYTES) count = count >> 1;
  return { frames: count, bodies: width };
}

function gradientBlocks(
  { joints, steps, bodies, inner, outer, taps, stride }: {
    joints: number;
    steps: number;
    bodies: number;
    inner: number;
    outer: number;
    taps: number;
    stride: number;
  },
): Blocks {
  let width = Math.min(bodies, BODIES);
  let count = Math.min(steps, Math.ceil(GRADIENT_ROWS / width));
  const items = () => joints * countOf({ frames: count, bodies: width }, steps, bodies);
  while (count > 8 && items() < ITEMS) count = Math.ceil(count / 2);
  const bytes = () => {
    const span = count + Math.ceil(taps / stride);
    return WORD * width * (count * upTo(outer, 8) + stride * span * upTo(inner, 4));
  };
  while (bytes() > SCRATCH_BYTES) {
    if (count > 1) count = count >> 1;
    else if (width > 1) width = width >> 1;
    else throw new RangeError(`frames of ${inner} and ${outer} channels are too large`);
  }
  return { frames: count, bodies: width };
}

function upTo(n: number, multiple: number): number {
  return Math.ceil(n / multiple) * multiple;
}
