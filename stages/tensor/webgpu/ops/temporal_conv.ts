/**
 * The convolution along time by the kernels; see {@link ../../ops/temporal_conv.ts} for what it gives.
 *
 * @module
 */
import type { Tensor, Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";
import type { Tape } from "../../tape.ts";
import type { ConvSizes } from "../conv_sizes.ts";
import { gpuBackend } from "../gpu_backend.ts";
import { kernelGradientCode } from "../kernel_gradient_code.ts";
import {
  minimalForward,
  minimalInputGradient,
  minimalKernelGradient,
  tileOfInputs,
  tileOfOutputs,
} from "../minimal_conv.ts";
import { giveMoments, type Moments } from "../moments.ts";
import { product, productGroups } from "../product.ts";
import { mostParts, partsOfRows, sumOverJoints } from "../row_parts.ts";
import { forwardCode, inputGradientCode } from "../temporal_conv_code.ts";
import { tileFor } from "../tiles.ts";

/** y[v,t,b] = sum over k of x[v, stride t + k - padding, b] w[k]. */
export function temporalConv(tape: Tape, x: Tensor4D, w: Tensor3D, stride: number): Tensor4D {
  return tape.record([x, w], (save) => {
    const sizes = convSizes(x, w, stride);
    const tile = tileOfOutputs(sizes);
    const { y, moments } = tile === undefined
      ? temporalConvForward(x, w, sizes)
      : minimalForward(x, w, sizes, tile);
    giveMoments(y, moments);
    const [xs, ws] = [save(x), save(w)];
    return [
      y,
      (dy, needs) => [
        needs[0] ? inputGradient(dy, ws, sizes) : null,
        needs[1] ? kernelGradient(xs, dy, sizes) : null,
      ],
      moments.parts,
    ];
  });
}

function inputGradient(dy: Tensor, w: Tensor3D, sizes: ConvSizes): Tensor4D {
  const tile = tileOfInputs(sizes);
  return tile === undefined
    ? temporalConvInputGradient(dy, w, sizes)
    : minimalInputGradient(dy, w, sizes, tile);
}

function kernelGradient(x: Tensor4D, dy: Tensor, sizes: ConvSizes): Tensor3D {
  const tile = tileOfOutputs(sizes);
  return tile === undefined
    ? temporalConvKernelGradient(x, dy, sizes)
    : minimalKernelGradient(x, dy, sizes, tile);
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

/**
 * dw (taps, C, O): each joint's rows in parts, whose sums are added in their order.
 *
 * @param mostBytes Of parts at once; see {@link sumOverJoints}.
 */
export function temporalConvKernelGradient(
  x: Tensor4D,
  dy: Tensor,
  sizes: ConvSizes,
  mostBytes?: number,
): Tensor3D {
  const { joints, steps, bodies, inner, outer, taps } = sizes;
  const M = taps * inner;
  const all = steps * bodies;
  const tile = tileFor("conv kernel gradient", M, outer, all, joints * mostParts(all));
  const [across, down] = productGroups(tile, M, outer);
  const { perJoint, rows } = partsOfRows(all, across * down * joints, tile.k);
  const kernel = product(kernelGradientCode(sizes, bodies < tile.k ? "few" : "many"), tile);
  return sumOverJoints<Tensor3D>(
    { joints, perJoint },
    [taps, inner, outer],
    (parts, { first, count }) =>
      gpuBackend().run(kernel, {
        tensors: [x, dy, parts],
        groups: [across, down, count * perJoint],
        numbers: [...numbersOf(sizes), perJoint, rows, first],
      }),
    mostBytes,
  );
}
