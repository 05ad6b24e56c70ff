/**
 * Attention on the `webgpu` backend, see {@link ../../ops/attention.ts} for what it gives: dense layers
 * before and after as matrix products, and between them kernels that never hold weights of pairs of
 * tokens.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor1D, Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";
import type { AttentionWeights } from "../../ops/attention.ts";
import type { Tape } from "../../tape.ts";
import { keyGradientKernel, queryGradientKernel } from "../attention_gradients.ts";
import { attendKernel } from "../attention_kernels.ts";
import type { HeadKernel } from "../attention_text.ts";
import { gpuBackend } from "../gpu_backend.ts";
import { lanesOf } from "../lanes.ts";
import { matrixProduct } from "../matrix_product.ts";
import { columnMeans, meansGroups } from "../pool_kernels.ts";
import { sumOfParts } from "../sum_of_parts.ts";

/** Numbers that the parts of a weight's gradient take together, at most (32 MiB). */
const MOST_PARTS = 1 << 23;

/** See the definition. */
export function attention(
  tape: Tape,
  x: Tensor3D,
  { qkv, qkvBias, out, outBias }: AttentionWeights,
  heads: number,
): Tensor3D {
  const [bodies, tokens, width] = x.shape;
  const rows = bodies * tokens, depth = width / heads;
  const run = ({ kernel, blocks }: HeadKernel, ...tensors: Tensor[]) =>
    gpuBackend().run(kernel, {
      tensors,
      groups: [blocks, heads, bodies],
      numbers: [tokens, width],
    });
  const weightGradient = (dy: Tensor2D, x: Tensor2D) => turnedProduct(dy, x, bodies);
  return tape.record([x, qkv, qkvBias, out, outBias], (save) => {
    const backend = gpuBackend();
    const flat = save(tf.reshape(x, [rows, width]) as Tensor2D);
    const parts = save(matrixProduct(flat, qkv, { turnB: true, bias: qkvBias, use: "linear" }));
    const mixed = save(backend.empty<Tensor2D>([rows, width]));
    const ends = save(backend.empty([bodies, heads, tokens, 2]));
    run(attendKernel(tokens, depth), parts, mixed, ends);
    const y = matrixProduct(mixed, out, { turnB: true, bias: outBias, use: "linear" });
    const [qkvs, outs] = [save(qkv), save(out)];
    return [tf.reshape(y, x.shape) as Tensor3D, (dy, needs) => {
      const flow = tf.reshape(dy, [rows, width]) as Tensor2D;
      const dOut = needs[3] ? weightGradient(flow, mixed) : null;
      const dOutBias = needs[4] ? columnSums(flow, bodies) : null;
      if (!needs[0] && !needs[1] && !needs[2]) return [null, null, null, dOut, dOutBias];
      const dMixed = matrixProduct(flow, outs, { use: "linear input gradient" });
      const dParts = gpuBackend().empty<Tensor2D>([rows, 3 * width]);
      const levels = gpuBackend().empty([bodies, heads, tokens]);
      run(queryGradientKernel(tokens, depth), parts, mixed, ends, dMixed, levels, dParts);
      run(keyGradientKernel(tokens, depth), parts, ends, dMixed, levels, dParts);
      const dx = needs[0]
        ? tf.reshape(matrixProduct(dParts, qkvs, { use: "linear input gradient" }), x.shape)
        : null;
      const dQkv = needs[1] ? weightGradient(dParts, flat) : null;
      return [dx, dQkv, needs[2] ? columnSums(dParts, bodies) : null, dOut, dOutBias];
    }];
  });
}

/** a^T b of matrices of many rows: products of slices of the rows (whole bodies), then their sum. */
function turnedProduct(a: Tensor2D, b: Tensor2D, bodies: number): Tensor2D {
  const [rows, M] = a.shape, N = b.shape[1];
  let slices = Math.min(bodies, Math.max(1, Math.floor(MOST_PARTS / (M * N))));
  while (bodies % slices !== 0) slices--;
  const sliced = (x: Tensor2D) => tf.reshape(x, [slices, rows / slices, x.shape[1]]) as Tensor3D;
  const parts = matrixProduct(sliced(a), sliced(b), {
    turnA: true,
    use: "linear kernel gradient",
  });
  return slices === 1 ? tf.reshape(parts, [M, N]) as Tensor2D : sumOfParts(parts, [M, N]);
}

/** Sums of the columns of a matrix of many rows: of each body's rows, then of the bodies. */
function columnSums(x: Tensor2D, bodies: number): Tensor1D {
  const [rows, size] = x.shape, lanes = lanesOf(size), columns = size / lanes;
  const parts = gpuBackend().empty<Tensor2D>([bodies, size]);
  gpuBackend().run(columnMeans(lanes), {
    tensors: [x, parts],
    groups: meansGroups(columns, bodies),
    numbers: [rows / bodies, columns, 1],
  });
  return sumOfParts(parts, [size]);
}
