/**
 * All kernels. One does one item of a job: `(args: usize, item: i32, scratch: usize): void`, where `args`
 * points at the job's arguments, four bytes each, and `scratch` at 4 MiB of the thread's own.
 */
export { trap } from "./memory";
export { scale } from "./elementwise";
export { product } from "./product";
export { addParts, columnSums } from "./partial_sums";
export { packPanels } from "./panels";
export { temporalConv } from "./temporal_conv";
export { sumWinogradGradients, winogradKernelGradient } from "./winograd_gradient";
export { packWinogradPanels } from "./winograd_panels";
export { winogradConv } from "./winograd_conv";
export { sumKernelGradients, temporalConvKernelGradient } from "./temporal_conv_gradient";
export { graphConv } from "./graph_conv";
export { graphConvEdges, graphConvKernels, graphConvProducts } from "./graph_conv_gradient";
export { exps } from "./exp";
export { attend, attendGradient } from "./attention";
export { combineMoments, moments, runningCoefficients } from "./moments";
export { blockEnd, blockEndSum, blockEndSumOfTwo, normalise, normaliseRelu } from "./batch_norm";
export {
  combineGradientSums,
  gradient as normaliseGradient,
  gradientBlockEnd as blockEndGradient,
  gradientRelu as normaliseReluGradient,
  gradientSums as normaliseSums,
  gradientSumsBlockEnd as blockEndSums,
  gradientSumsRelu as normaliseReluSums,
} from "./batch_norm_gradient";
export { differenceOf, gatedBy, productOf, rectifiedSum, sumOf } from "./flat";
export { emaStep, sgdStep } from "./update";
export { dropoutMask } from "./dropout_mask";
export { permute } from "./permute";
export {
  maskPool,
  maskPoolGradient,
  meanOfBodies,
  meanOfBodiesGradient,
  meanOfRows,
  spreadRow,
} from "./pool";
export { scaledSigmoid, scaledSigmoidGradient } from "./sigmoid";
export { layerNorm, layerNormGradient } from "./layer_norm";
export { augmentView, bone, motion, swapParts } from "./augment";
export { infoNceGradient, infoNceScores } from "./info_nce";
