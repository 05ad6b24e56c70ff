/**
 * The convolution along time by the kernels; see {@link ../../ops/temporal_conv.ts} for what it gives.
 *
 * @module
 */
import type { Tensor, Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";
import type { Tape } from "../../tape.ts";
import type { ConvSizes } from "../conv_sizes.ts";
import { gpuBackend } from "../gpu_backend.ts";
import {
  minimalForward,
  minimalInputGradient,
  minimalKernelGradient,
  minimalPays,
} from "../minimal_conv.ts";
import { giveMoments, type Moments } from "../moments.ts";
import { product, productGroups } from "../product.ts";
import { partsOfRows } from "../row_parts.ts";
import { sumOfParts } from "../sum_of_parts.ts";
import { forwardCode, inputGradientCode, kernelGradientCode } from "../temporal_conv_code.ts";
import { tileFor } from "../tiles.ts";

/** y[v,t,b] = sum over k of x[v, stride t + k - padding, b] w[k]. */
export function temporalConv(tape: Tape, x: Tensor4D, w: Tensor3D, stride: number): Tensor4D {
  return tape.record([x, w], (save) => {
    const sizes = convSizes(x, w, stride);
    const way = minimalPays(sizes) ? MINIMAL : DIRECT;
    const { y, moments } = way.forward(x, w, sizes);
    giveMoments(y, moments);
    const [xs, ws] = [save(x), save(w)];
    return [
      y,
      (dy, needs) => [
        needs[0] ? way.inputGradient(dy, ws, sizes) : null,
        needs[1] ? way.kernelGradient(xs, dy, sizes) : null,
      ],
      moments.parts,
    ];
  });
}

const DIRECT = {
  forward: temporalConvForward,
  inputGradient: temporalConvInputGradient,
  kernelGradient: temporalConvKernelGradient,
};

const MINIMAL = {
  forward: minimalForward,
  inputGradient: minimalInputGradient,
  kernelGradient: minimalKernelGradient,
};

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

/** y (V, T / stride, B, O) and the moments of its columns. */
export function temporalConvForward(
  x: Tensor4D,
  w: Tensor3D,
  sizes: ConvSizes,
): { y: Tensor4D; moments: Moments } {
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
  return { y, moments: { parts, rows: tile.m } };
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
  const { perJoint, rows } = partsOfRows(steps * bodies, across * down * joints, tile.k);
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
