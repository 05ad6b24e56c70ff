/**
 * Contrastive loss by the kernels, see {@link ../../ops/info_nce.ts} for what it gives: the queue is read
 * twice, some rows at a time, and its scores are never held.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Scalar, Tensor2D } from "@tensorflow/tfjs-core";
import type { InfoNce } from "../../ops/info_nce.ts";
import type { Tape } from "../../tape.ts";
import { Float, SCRATCH_BYTES } from "../kernel_pool.ts";
import { addParts } from "../matrix_product.ts";
import { type SimdBackend, simdBackend } from "../simd_backend.ts";

/** Rows of the queue in an item. */
const ROWS = 256;

/** What the forward pass finds for each query. */
interface Softmax {
  /** Largest score, in room for a multiple of eight queries. */
  readonly most: Float32Array;
  /** 1 / sum of e^(score - most). */
  readonly inverse: Float64Array;
  /** Share of the key. */
  readonly own: Float64Array;
  /** Share of the further negative; zeros without one. */
  readonly beside: Float64Array;
}

/** Minus the mean log share of the key among key, queue and further negative. */
export function infoNce(
  tape: Tape,
  q: Tensor2D,
  k: Tensor2D,
  queue: Tensor2D,
  extra: Tensor2D | null,
  tau: number,
): InfoNce {
  const [n, width] = q.shape;
  let positive: Scalar | undefined;
  let negative: Scalar | undefined;
  const loss = tape.record([q], (save) => {
    const own = rowProducts(q, k, tau);
    const beside = extra === null ? null : rowProducts(q, extra, tau);
    const { totals, losses, ...softmax } = softmaxOf(q, queue, own, beside, tau);
    positive = tf.scalar(tau * mean(own));
    negative = tf.scalar(tau * mean(totals) / queue.shape[0]);
    const [qs, ks, queues] = [save(q), save(k), save(queue)];
    const extras = extra === null ? null : save(extra);
    return [
      tf.scalar(mean(losses)),
      (dy) => {
        const flow = dy.dataSync()[0]! / (n * tau);
        const { sums, stride } = queueGradient(qs, queues, softmax.most, tau);
        const keys = ks.dataSync(), negatives = extras?.dataSync();
        const dq = new Float32Array(n * width);
        for (let i = 0; i < n; i++) {
          const inverse = softmax.inverse[i]!, missed = softmax.own[i]! - 1;
          const share = softmax.beside[i]!;
          for (let f = 0; f < width; f++) {
            let sum = missed * keys[i * width + f]! + inverse * sums[i * stride + f]!;
            if (negatives !== undefined) sum += share * negatives[i * width + f]!;
            dq[i * width + f] = flow * sum;
          }
        }
        return [tf.tensor2d(dq, [n, width])];
      },
      positive,
      negative,
    ];
  }) as Scalar;
  return { loss, positive: positive!, negative: negative! };
}

/** x_i y_i / tau, row by row. */
function rowProducts(x: Tensor2D, y: Tensor2D, tau: number): Float64Array {
  const [n, width] = x.shape;
  const a = x.dataSync(), b = y.dataSync();
  return new Float64Array(n).map((_, i) => {
    let sum = 0;
    for (let f = i * width; f < (i + 1) * width; f++) sum += a[f]! * b[f]!;
    return sum / tau;
  });
}

/** Largest scores, sums and shares; and by query the loss and the sum of scores against the queue. */
function softmaxOf(
  q: Tensor2D,
  queue: Tensor2D,
  own: Float64Array,
  beside: Float64Array | null,
  tau: number,
): Softmax & { readonly losses: Float64Array; readonly totals: Float64Array } {
  const backend = simdBackend();
  const { pool } = backend;
  const n = q.shape[0], padded = roundUp(n), items = Math.ceil(queue.shape[0] / ROWS);
  const bytes = 4 * 3 * items * padded;
  const out = pool.allocate(bytes);
  run(backend, "infoNceScores", q, queue, out, tau);
  const found = pool.f32.subarray(out / 4, out / 4 + bytes / 4);
  const at = (item: number, kind: number, i: number) => found[(3 * item + kind) * padded + i]!;
  const softmax = {
    most: new Float32Array(padded),
    inverse: new Float64Array(n),
    own: new Float64Array(n),
    beside: new Float64Array(n),
    losses: new Float64Array(n),
    totals: new Float64Array(n),
  };
  for (let i = 0; i < n; i++) {
    let most = Math.max(own[i]!, beside?.[i] ?? -Infinity);
    for (let item = 0; item < items; item++) most = Math.max(most, at(item, 0, i));
    // As the kernel is given it.
    most = Math.fround(most);
    const eOwn = Math.exp(own[i]! - most);
    const eBeside = beside === null ? 0 : Math.exp(beside[i]! - most);
    let sum = eOwn + eBeside, total = 0;
    for (let item = 0; item < items; item++) {
      sum += Math.exp(at(item, 0, i) - most) * at(item, 1, i);
      total += at(item, 2, i);
    }
    softmax.most[i] = most;
    softmax.inverse[i] = 1 / sum;
    softmax.own[i] = eOwn / sum;
    softmax.beside[i] = eBeside / sum;
    softmax.losses[i] = Math.log(sum) + (most - own[i]!);
    softmax.totals[i] = total;
  }
  pool.release(out, bytes);
  return softmax;
}

/** Sums over the queue of e^(score - most) Q_j: rows of `stride` numbers. */
function queueGradient(
  q: Tensor2D,
  queue: Tensor2D,
  most: Float32Array,
  tau: number,
): { readonly sums: Float32Array; readonly stride: number } {
  const backend = simdBackend();
  const { pool } = backend;
  const [size, width] = queue.shape;
  const padded = roundUp(q.shape[0]), stride = roundUp(width), items = Math.ceil(size / ROWS);
  const one = padded * stride;
  const bytes = 4 * (items + 1) * one;
  const sums = pool.allocate(bytes), parts = sums + 4 * one;
  const ends = pool.allocate(most.byteLength);
  pool.f32.set(most, ends / 4);
  run(backend, "infoNceGradient", q, queue, parts, tau, ends);
  addParts(pool, { parts, sums, size: one, count: items });
  const found = pool.f32.slice(sums / 4, sums / 4 + one);
  pool.release(ends, most.byteLength);
  pool.release(sums, bytes);
  return { sums: found, stride };
}

/** Runs a kernel on the rows of the queue. */
function run(
  backend: SimdBackend,
  kernel: string,
  q: Tensor2D,
  queue: Tensor2D,
  out: number,
  tau: number,
  ...more: number[]
): void {
  const { pool } = backend;
  const [n, width] = q.shape;
  const size = queue.shape[0], items = Math.ceil(size / ROWS);
  // Queries, rows of the queue twice, scores of all queries and eight sums.
  const bytes = 4 * (roundUp(n) * (width + 3) + ROWS * (width + 3 + 8) + ROWS * roundUp(n)) + 64;
  const memory = bytes > SCRATCH_BYTES ? pool.allocate(items * roundUp(bytes)) : 0;
  const [x, y] = [backend.pointer(q), backend.pointer(queue)];
  const work = [memory, roundUp(bytes)];
  pool.run(kernel, items, [x, y, out, n, width, size, new Float(tau), ROWS, ...work, ...more]);
  if (memory !== 0) pool.release(memory, items * roundUp(bytes));
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Up to a multiple of eight. */
function roundUp(n: number): number {
  return 8 * Math.ceil(n / 8);
}
