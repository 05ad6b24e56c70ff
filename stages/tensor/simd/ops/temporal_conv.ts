/**
 * The convolution along time by the kernels; see {@link ../../ops/temporal_conv.ts} for what it gives.
 *
 * @module
 */
import type { Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";
import type { Tape } from "../../tape.ts";
import { simdBackend } from "../simd_backend.ts";
import {
  temporalConvForward,
  temporalConvInputGradient,
  temporalConvKernelGradient,
} from "../temporal_conv_jobs.ts";

/** y[v,t,b] = sum over k of x[v, stride t + k - padding, b] w[k]. */
export function temporalConv(tape: Tape, x: Tensor4D, w: Tensor3D, stride: number): Tensor4D {
  return tape.record([x, w], (save) => {
    const backend = simdBackend();
    const { y } = temporalConvForward(backend, x, w, stride);
    const [xs, ws] = [save(x), save(w)];
    return [y, (flow, needs) => {
      const dy = flow as Tensor4D;
      return [
        needs[0] ? temporalConvInputGradient(backend, dy, ws, stride) : null,
        needs[1] ? temporalConvKernelGradient(backend, xs, dy, w.shape[0], stride) : null,
      ];
    }];
  });
}
