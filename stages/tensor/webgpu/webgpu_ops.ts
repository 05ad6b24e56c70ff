/**
 * The operations that the `webgpu` backend does in its own way, gathered.
 *
 * @module
 */
import type { FusedOps } from "../fused.ts";
import * as inPlace from "./ops/update.ts";
import { relu } from "./ops/activation.ts";
import { dropoutMask } from "./ops/dropout_mask.ts";
import { meanOfBodies } from "./ops/mean_of_bodies.ts";
import { maskPool, poolTokens, scaledSigmoid, tokensOf } from "./ops/pool.ts";

/** By name; what is missing here runs as its definition, through the library's kernels. */
export const WEBGPU_OPS: Partial<FusedOps> = {
  dropoutMask,
  inPlace,
  maskPool,
  meanOfBodies,
  poolTokens,
  relu,
  scaledSigmoid,
  tokensOf,
};
