/**
 * Layer normalisation on the `webgpu` backend: one pass each way. A few threads share a row and hold it in
 * registers, so that its variance is that of deviations from its mean. Bytes moved, by number: forward 8,
 * backward 12; the normalised rows are not kept but computed again, from two numbers a row.
 *
 * @module
 */
import type { Tensor, Tensor1D, Tensor3D } from "@tensorflow/tfjs-core";
import type { Tape } from "../../tape.ts";
import { columnTotals } from "../combined_sums.ts";
import { gpuBackend } from "../gpu_backend.ts";
import { flatGroups } from "../kernel_code.ts";
import { layerNormGradientKernel, layerNormKernel, rowShare } from "../layer_norm_kernels.ts";

/** See the definition. */
export function layerNorm<T extends Tensor>(
  tape: Tape,
  x: T,
  weight: Tensor1D,
  bias: Tensor1D,
): T {
  const share = rowShare(weight.size);
  const rows = x.size / weight.size;
  return tape.record([x, weight, bias], (save) => {
    const backend = gpuBackend();
    const y = backend.empty<T>(x.shape);
    const moments = save(backend.empty([rows, 2]));
    backend.run(layerNormKernel(share), {
      tensors: [x, weight, bias, y, moments],
      groups: flatGroups(rows, share.lanes),
      numbers: [rows],
    });
    const [xs, gamma] = [save(x), save(weight)];
    return [y, (dy) => {
      const backend = gpuBackend();
      const dx = backend.empty(xs.shape);
      const slices = Math.ceil(rows / (share.lanes * share.steps));
      const parts = backend.empty<Tensor3D>([slices, 2, share.size]);
      backend.run(layerNormGradientKernel(share), {
        tensors: [xs, dy, gamma, moments, dx, parts],
        groups: flatGroups(rows, share.lanes * share.steps),
        numbers: [rows],
      });
      const [dWeight, dBias] = columnTotals(parts);
      return [dx, dWeight, dBias];
    }];
  });
}
