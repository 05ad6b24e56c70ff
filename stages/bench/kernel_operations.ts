/**
 * Which operation each kernel of the `simd` backend works for.
 *
 * @module
 */
import type { Operation } from "./arithmetic.ts";

/** Beginnings of kernels' names; the first that fits counts. */
const BEGINNINGS: readonly (readonly [RegExp, Operation])[] = [
  [
    /^(temporalConv|winograd|packWinograd|sumWinograd|sumKernelGradients|packPanels)/,
    "temporal convolution",
  ],
  [/^graphConv/, "graph convolution"],
  [
    /^(moments|combineMoments|runningCoefficients|normalise|combineGradientSums|blockEnd|dropoutMask|sumOf|rectifiedSum|gatedBy|productOf|differenceOf|scale$)/,
    "normalisation to block end",
  ],
  [/^(attend|exps)/, "attention"],
  [/^(product$|addParts|columnSums)/, "dense layers"],
  [/^(maskPool|meanOf|spreadRow|permute|scaledSigmoid|layerNorm)/, "pooling and mask"],
  [/^infoNce/, "contrastive loss"],
  [/^(sgdStep|emaStep)/, "update"],
];

/** The operation of a kernel; undefined for kernels of the augmentations, which come before a step. */
export function operationOf(kernel: string): Operation | undefined {
  return BEGINNINGS.find(([beginning]) => beginning.test(kernel))?.[1];
}
