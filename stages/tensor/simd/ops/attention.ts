/**
 * Attention by the kernels, see {@link ../../ops/attention.ts} for what it gives: dense layers before and
 * after, and between them one item for each head of each body.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";
import type { AttentionWeights } from "../../ops/attention.ts";
import type { Tape } from "../../tape.ts";
import { Float, SCRATCH_BYTES } from "../kernel_pool.ts";
import { columnSumsOf, matrixProduct } from "../matrix_product.ts";
import { type SimdBackend, simdBackend } from "../simd_backend.ts";

/** Queries of a panel; as in `assembly/attention.ts`. */
const QUERIES = 16;

/** Sizes of a call. */
interface Sizes {
  readonly bodies: number;
  readonly tokens: number;
  /** D. */
  readonly width: number;
  readonly heads: number;
}

/** softmax(q k^T / sqrt(D / heads)) v, heads side by side, between two dense layers. */
export function attention(
  tape: Tape,
  x: Tensor3D,
  { qkv, qkvBias, out, outBias }: AttentionWeights,
  heads: number,
): Tensor3D {
  const [bodies, tokens, width] = x.shape;
  const rows = bodies * tokens;
  const sizes = { bodies, tokens, width, heads };
  return tape.record([x, qkv, qkvBias, out, outBias], (save) => {
    const backend = simdBackend();
    const flat = tf.reshape(x, [rows, width]) as Tensor2D;
    const parts = save(matrixProduct<Tensor2D>(flat, qkv, { turnB: true, bias: qkvBias }));
    const mixed = save(backend.empty<Tensor2D>([rows, width]));
    const most = save(backend.empty([bodies, heads, tokens]));
    const inverse = save(backend.empty([bodies, heads, tokens]));
    const forward = [parts, mixed, most, inverse];
    runOn(backend, "attend", forward, sizes, 2);
    const y = matrixProduct(mixed, out, { turnB: true, bias: outBias });
    const [xs, qkvs, outs] = [save(flat), save(qkv), save(out)];
    return [tf.reshape(y, x.shape) as Tensor3D, (dy, needs) => {
      const flow = tf.reshape(dy, [rows, width]) as Tensor2D;
      const dMixed = matrixProduct<Tensor2D>(flow, outs);
      const dParts = backend.empty<Tensor2D>([rows, 3 * width]);
      runOn(backend, "attendGradient", [...forward, dMixed, dParts], sizes, 4);
      return [
        needs[0] ? tf.reshape(matrixProduct(dParts, qkvs), x.shape) : null,
        needs[1] ? matrixProduct(dParts, xs, { turnA: true }) : null,
        needs[2] ? columnSumsOf(dParts) : null,
        needs[3] ? matrixProduct(flow, mixed, { turnA: true }) : null,
        needs[4] ? columnSumsOf(flow) : null,
      ];
    }];
  });
}

/** Runs a kernel on every head, in scratch where its copies of `copies` matrices (tokens, depth) fit. */
function runOn(
  backend: SimdBackend,
  kernel: string,
  tensors: readonly Tensor[],
  { bodies, tokens, width, heads }: Sizes,
  copies: number,
): void {
  const { pool } = backend;
  const depth = width / heads;
  const padded = 8 * Math.ceil(tokens / 8), paddedDepth = 8 * Math.ceil(depth / 8);
  const items = bodies * heads;
  // Copies, panels of 16 columns (one for two copies), rows of 16 tokens and their ends.
  const panels = QUERIES * (copies / 2);
  const bytes = 4 * (padded * (copies * paddedDepth + panels) + QUERIES * (5 * paddedDepth + 3));
  const own = bytes > SCRATCH_BYTES ? pool.allocate(items * bytes) : 0;
  const pointers = tensors.map((tensor) => backend.pointer(tensor));
  const scale = new Float(depth ** -0.5);
  pool.run(kernel, items, [...pointers, tokens, width, heads, scale, own, bytes]);
  if (own !== 0) pool.release(own, items * bytes);
}
