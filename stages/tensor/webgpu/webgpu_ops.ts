/**
 * The operations that the `webgpu` backend does in its own way, gathered.
 *
 * @module
 */
import type { FusedOps } from "../fused.ts";
import { relu } from "./ops/activation.ts";

/** By name; what is missing here runs as its definition, through the library's kernels. */
export const WEBGPU_OPS: Partial<FusedOps> = {
  relu,
};
