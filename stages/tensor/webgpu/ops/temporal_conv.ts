/**
 * The convolution along time by the kernels; see {@link ../../ops/temporal_conv.ts} for what it gives.
 *
 * @module
 */
import type { Tensor, Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";
import type { Tape } from "../../tape.ts";
import { gpuBackend } from "../gpu_backend.ts";
import { giveMoments } from "../moments.ts";
import { product, productGroups } from "../product.ts";
import { sumOfParts } from "../sum_of_parts.ts";
import {
  type ConvForm,
  forwardCode,
  inputGradientCode,
  kernelGradientCode,
} from "../temporal_conv_code.ts";
import { tileFor } from "../tiles.ts";

/** Sizes of a convolution. */
export interface ConvSizes extends ConvForm {
  readonly joints: number;
  /** T, of x. */
  readonly frames: number;
  /** T / stride, of y. */
  readonly steps: number;
  readonly bodies: number;
}

/** Workgroups that fill a large GPU several times over. */
const ENOUGH_GROUPS = 1024;

/** Rows that a part of the kernel's gradient has at least, where its joint has so many. */
const LEAST_ROWS = 256;

/** y[v,t,b] = sum over k of x[v, stride t + k - padding, b] w[k]. */
export function temporalConv(tape: Tape, x: Tensor4D, w: Tensor3D, stride: number): Tensor4D {
  return tape.record([x, w], (save) => {
    const sizes = convSizes(x, w, stride);
    const { y, parts } = temporalConvForward(x, w, sizes);
    const [xs, ws] = [save(x), save(w)];
    return [
      y,
      (dy, needs) => [
        needs[0] ? temporalConvInputGradient(dy, ws, sizes) : null,
        needs[1] ? temporalConvKernelGradient(xs, dy, sizes) : null,
      ],
      parts,
    ];
  });
}

function convSizes(x: Tensor4D, w: Tensor3D, stride: number): ConvSizes {
  const [joints, frames, bodies] = x.shape;
  const [taps, inner, outer] = w.shape;
  return { joints, frames, steps: frames / stride, bodies, taps, inner, outer, stride };
}

/** Of a convolution, in the order that its kernels take them. */
function numbersOf(
  { taps, inner, outer, stride, joints, frames, steps, bodies }: ConvSizes,
): number[] {
  return [taps, inner, outer, stride, joints, frames, steps, bodies];
}

/** y, and the moments of its columns, which are given to it. */
export function temporalConvForward(
  x: Tensor4D,
  w: Tensor3D,
  sizes: ConvSizes,
): { y: Tensor4D; parts: Tensor3D } {
  const { joints, steps, bodies, inner, outer, taps } = sizes;
  const rows = joints * steps * bodies;
  const backend = gpuBackend();
  const tile = tileFor("conv", rows, outer, taps * inner);
  const y = backend.empty<Tensor4D>([joints, steps, bodies, outer]);
  const parts = backend.empty<Tensor3D>([Math.ceil(rows / tile.m), 2, outer]);
  backend.run(product(forwardCode(sizes), tile), {
    tensors: [x, w, y, parts],
    groups: productGroups(tile, rows, outer),
    numbers: numbersOf(sizes),
  });
  giveMoments(y, { parts, rows: tile.m });
  return { y, parts };
}

/** dx (V, T, B, C). */
export function temporalConvInputGradient(dy: Tensor, w: Tensor3D, sizes: ConvSizes): Tensor4D {
  const { joints, frames, steps, bodies, inner, outer, taps, stride } = sizes;
  const rows = joints * steps * bodies;
  const backend = gpuBackend();
  const tile = tileFor("conv input gradient", rows, inner, taps * outer / stride);
  const dx = backend.empty<Tensor4D>([joints, frames, bodies, inner]);
  backend.run(product(inputGradientCode(sizes), tile), {
    tensors: [dy, w, dx],
    groups: productGroups(tile, rows, inner, stride),
    numbers: numbersOf(sizes),
  });
  return dx;
}

/** dw (taps, C, O): each joint's rows in parts, whose sums are added in their order. */
export function temporalConvKernelGradient(x: Tensor4D, dy: Tensor, sizes: ConvSizes): Tensor3D {
  const { joints, steps, bodies, inner, outer, taps } = sizes;
  const M = taps * inner;
  const tile = tileFor("conv kernel gradient", M, outer, steps * bodies);
  const [across, down] = productGroups(tile, M, outer);
  const most = Math.ceil(steps * bodies / LEAST_ROWS);
  const wanted = Math.min(most, Math.ceil(ENOUGH_GROUPS / (across * down * joints)));
  // Whole steps of the product.
  const rows = Math.ceil(steps * bodies / wanted / tile.k) * tile.k;
  const perJoint = Math.ceil(steps * bodies / rows);
  const backend = gpuBackend();
  const parts = backend.empty<Tensor4D>([joints * perJoint, taps, inner, outer]);
  backend.run(product(kernelGradientCode(sizes), tile), {
    tensors: [x, dy, parts],
    groups: [across, down, joints * perJoint],
    numbers: [...numbersOf(sizes), perJoint, rows],
  });
  const dw = sumOfParts<Tensor3D>(parts, [taps, inner, outer]);
  parts.dispose();
  return dw;
}
