/**
 * The spatial graph convolution by the kernels; see {@link ../../ops/graph_conv.ts} for what it gives.
 *
 * @module
 */
import type { Tensor2D, Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";
import type { EdgeTensors } from "../../ops/graph_conv.ts";
import type { Tape } from "../../tape.ts";
import {
  graphConvForward,
  graphConvInputGradient,
  graphConvKernelGradients,
} from "../graph_conv_jobs.ts";
import { simdBackend } from "../simd_backend.ts";

/** y[w] = sum over edges e into w of A[e] E[e] (x[from(e)] W[k(e)] + b[k(e)]). */
export function graphConv(
  tape: Tape,
  x: Tensor4D,
  w: Tensor3D,
  b: Tensor2D,
  importance: Tensor3D,
  edges: EdgeTensors,
): Tensor4D {
  return tape.record([x, w, b, importance], (save) => {
    const backend = simdBackend();
    const { y } = graphConvForward(backend, x, w, b, importance, edges);
    const xs = save(x);
    const own = { w: save(w), b: save(b), importance: save(importance) };
    return [y, (flow, needs) => {
      const dy = flow as Tensor4D;
      const dx = needs[0]
        ? graphConvInputGradient(backend, dy, own.w, own.importance, edges)
        : null;
      if (!needs[1] && !needs[2] && !needs[3]) return [dx, null, null, null];
      const d = graphConvKernelGradients(backend, xs, dy, own, edges);
      return [dx, d.w, d.b, d.importance];
    }];
  });
}
