/**
 * The convolution along time in jobs for the kernels: forward, and the gradients of its input and of its
 * kernel. How jobs are cut depends on shapes alone.
 *
 * @module
 */
import type { Tensor2D, Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";
import { type ConvOutput, emptyMoments, withMemory, withPanels } from "./conv_memory.ts";
import { countOf, forwardBlocks, gradientBlocks, ITEMS, rowsOf, upTo } from "./conv_blocks.ts";
import type { SimdBackend } from "./simd_backend.ts";
import { winogradForward, winogradKernelGradient, winogradPays } from "./winograd_jobs.ts";

/** Bytes of a number. */
const WORD = 4;

/** Most slices that the kernel's gradient is summed in, and most bytes of their sums. */
const SLICES = 128;
const SLICES_BYTES = 8 << 20;

/** How a convolution runs. */
export interface TemporalConvOptions {
  /**
   * Coefficients of a batch normalisation (4, C): take max((x - mean) scale + offset, 0) for x. Zero padding
   * stands for zeros after that.
   */
  readonly normalised?: Tensor2D | undefined;
  /** Also give the moments of y's channels. */
  readonly moments?: boolean;
  /** Compute every product even where Winograd's form would pay. */
  readonly direct?: boolean;
}

/** y[v,t,b] = sum over k of x[v, stride t + k - padding, b] w[k]; see the definition. */
export function temporalConvForward(
  backend: SimdBackend,
  x: Tensor4D,
  w: Tensor3D,
  stride: number,
  { normalised, moments = false, direct = false }: TemporalConvOptions = {},
): ConvOutput {
  const [joints, frames, bodies] = x.shape;
  const [taps, inner, outer] = w.shape;
  const axes = {
    w,
    first: 0,
    sizes: [taps, inner, outer],
    steps: [inner * outer, outer, 1],
  } as const;
  if (!direct && winogradPays({ frames, taps, stride, inner, outer })) {
    return winogradForward(backend, x, axes, { normalised, moments });
  }
  const steps = frames / stride;
  const y = backend.empty<Tensor4D>([joints, steps, bodies, outer]);
  const copied = normalised !== undefined || bodies % 4 !== 0;
  const blocks = forwardBlocks({ steps, bodies, inner, taps, stride, copied });
  const rows = rowsOf(blocks, joints, steps, bodies);
  const found = moments ? emptyMoments(backend, outer, rows) : undefined;
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
  { direct = false } = {},
): Tensor4D {
  const [joints, steps, bodies] = dy.shape;
  const [taps, inner, outer] = w.shape;
  const half = (taps - 1) / 2;
  if (!direct && winogradPays({ frames: steps, taps, stride, inner: outer, outer: inner })) {
    return winogradForward(backend, dy, {
      w,
      first: (taps - 1) * inner * outer,
      sizes: [taps, outer, inner],
      steps: [-inner * outer, 1, outer],
    }).y;
  }
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
  { normalised, direct = false }: Omit<TemporalConvOptions, "moments"> = {},
): Tensor3D {
  const { pool } = backend;
  const [joints, frames, bodies, inner] = x.shape;
  const [, steps, , outer] = dy.shape;
  if (!direct && winogradPays({ frames, taps, stride, inner, outer })) {
    return winogradKernelGradient(backend, x, dy, normalised);
  }
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
