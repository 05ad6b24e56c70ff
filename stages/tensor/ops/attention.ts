/**
 * Multi-head self-attention with its projections (method section 6):
 * softmax(q k^T / sqrt(D / heads)) v, heads side by side, then a dense layer.
 *
 * The (bodies, heads, L, L) weights are never held: they are computed in blocks of bodies, once in
 * the forward pass and once again in the backward pass from each row's maximum and sum.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor1D, Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";
import { fused } from "../fused.ts";
import { columnSums, product } from "../rows.ts";
import type { Tape } from "../tape.ts";

/** Attention weights in one block, at most (32 MiB). */
const BLOCK = 1 << 23;

/** Weights of the layer, as PyTorch keeps them. */
export interface AttentionWeights {
  /** (3 D, D): q, k and v, each head by head. */
  readonly qkv: Tensor2D;
  /** (3 D). */
  readonly qkvBias: Tensor1D;
  /** (D, D). */
  readonly out: Tensor2D;
  /** (D). */
  readonly outBias: Tensor1D;
}

/** One head's queries, keys, values (B, L, D/heads) and, by row, the output, maximum and 1 / sum. */
interface Head {
  readonly q: Tensor3D;
  readonly k: Tensor3D;
  readonly v: Tensor3D;
  readonly o: Tensor3D;
  readonly max: Tensor3D;
  readonly inverse: Tensor3D;
}

/**
 * @param x (B, L, D).
 * @returns (B, L, D).
 */
export function attention(
  tape: Tape,
  x: Tensor3D,
  weights: AttentionWeights,
  heads: number,
): Tensor3D {
  const own = fused().attention;
  if (own !== undefined) return own(tape, x, weights, heads);
  const { qkv, qkvBias, out, outBias } = weights;
  const [bodies, tokens, size] = x.shape;
  const rows = bodies * tokens;
  const depth = size / heads;
  const scale = depth ** -0.5;
  return tape.record([x, qkv, qkvBias, out, outBias], (save) => {
    const flat = tf.reshape(x, [rows, size]) as Tensor2D;
    // Kernel and bias of part p (0 q, 1 k, 2 v) of head h; those of q carry the scale.
    const slicePart = (w: Tensor2D, p: number, h: number) =>
      tf.slice(w, [p * size + h * depth], [depth]) as Tensor2D;
    const biases = tf.reshape(qkvBias, [3 * size, 1]) as Tensor2D;
    const project = (p: number, h: number) => {
      const y = tf.add(
        tf.matMul(flat, slicePart(qkv, p, h), false, true),
        tf.reshape(slicePart(biases, p, h), [depth]),
      );
      return tf.reshape(p === 0 ? tf.mul(y, scale) : y, [bodies, tokens, depth]) as Tensor3D;
    };
    // Columns of `out` by head, as rows: (D, D) -> heads of (D/heads, D).
    const outRows = save(tf.transpose(out));
    const rowsOf = (h: number) => tf.slice(outRows, [h * depth], [depth]) as Tensor2D;
    const state: Head[] = [];
    const parts: Tensor[] = [];
    for (let h = 0; h < heads; h++) {
      const q = save(project(0, h));
      const k = save(project(1, h));
      const v = save(project(2, h));
      const done = blocks(bodies, tokens).map(([from, count]) =>
        attendBlock(block(q, from, count), block(k, from, count), block(v, from, count))
      );
      const join = (key: "o" | "max" | "inverse") => tf.concat(done.map((d) => d[key])) as Tensor3D;
      const head = {
        q,
        k,
        v,
        o: save(join("o")),
        max: save(join("max")),
        inverse: save(join("inverse")),
      };
      tf.dispose(done as unknown as Tensor[]);
      parts.push(tf.matMul(tf.reshape(head.o, [rows, depth]) as Tensor2D, rowsOf(h)));
      state.push(head);
    }
    const y = tf.add(tf.addN(parts), outBias);
    const [xs, ws] = [save(flat), save(qkv)];
    return [tf.reshape(y, x.shape) as Tensor3D, (dy, needs) => {
      const flow = tf.reshape(dy, [rows, size]) as Tensor2D;
      const dParts: Tensor2D[][] = [[], [], []];
      const dOut: Tensor[] = [];
      state.forEach((head, h) => {
        const o = tf.reshape(head.o, [rows, depth]) as Tensor2D;
        dOut.push(tf.matMul(o, flow, true));
        const dO = tf.reshape(tf.matMul(flow, rowsOf(h), false, true), head.o.shape) as Tensor3D;
        const done = blocks(bodies, tokens).map(([from, count]) =>
          attendBlockGradient(head, dO, from, count)
        );
        for (const [p, key] of (["q", "k", "v"] as const).entries()) {
          const d = tf.reshape(tf.concat(done.map((one) => one[key])), [rows, depth]) as Tensor2D;
          dParts[p]!.push(p === 0 ? tf.mul(d, scale) : d);
        }
      });
      let dx: Tensor | null = null;
      if (needs[0]) {
        const flows = dParts.flatMap((byHead, p) =>
          byHead.map((d, h) => tf.matMul(d, slicePart(ws, p, h)))
        );
        dx = tf.reshape(tf.addN(flows), x.shape);
      }
      const all = dParts.flat();
      return [
        dx,
        tf.concat(all.map((d) => tf.matMul(d, xs, true))),
        tf.concat(all.map((d) => columnSums(d))),
        tf.transpose(tf.concat(dOut)),
        columnSums(flow),
      ];
    }];
  });
}

/** Blocks of bodies as [first, count]. */
function blocks(bodies: number, tokens: number): [number, number][] {
  const size = Math.max(1, Math.floor(BLOCK / (tokens * tokens)));
  const found: [number, number][] = [];
  for (let from = 0; from < bodies; from += size) found.push([from, Math.min(size, bodies - from)]);
  return found;
}

function block(x: Tensor3D, from: number, count: number): Tensor3D {
  return count === x.shape[0] ? x : tf.slice(x, [from], [count]);
}

/** One block of one head: output (B, L, D/heads), and each row's maximum and inverse sum (B, L, 1). */
function attendBlock(q: Tensor3D, k: Tensor3D, v: Tensor3D): Pick<Head, "o" | "max" | "inverse"> {
  return tf.tidy(() => {
    const max = tf.max(tf.matMul(q, k, false, true), 2, true) as Tensor3D;
    const weights = tf.exp(sumOfProducts(q, tf.neg(max), k)) as Tensor3D;
    const inverse = tf.reciprocal(tf.sum(weights, 2, true)) as Tensor3D;
    return { o: tf.mul(tf.matMul(weights, v), inverse) as Tensor3D, max, inverse };
  });
}

/**
 * Gradients of one block. With P = weights * inverse: dV = P^T dO, dS = P (dO V^T - rowsum(dO O)),
 * dQ = dS K, dK = dS^T Q. The inverse goes into dO; and weights and dS are computed transposed, so
 * that two of the three products walk along memory.
 */
function attendBlockGradient(
  head: Head,
  dO: Tensor3D,
  from: number,
  count: number,
): { q: Tensor3D; k: Tensor3D; v: Tensor3D } {
  return tf.tidy(() => {
    const of = (x: Tensor3D) => block(x, from, count);
    const [q, k, v] = [of(head.q), of(head.k), of(head.v)];
    const weights = tf.exp(sumOfProducts(q, tf.neg(of(head.max)), k, true)) as Tensor3D;
    const flow = tf.mul(of(dO), of(head.inverse)) as Tensor3D;
    const level = tf.sum(product(flow, of(head.o)), 2, true) as Tensor3D;
    const dScores = product(weights, sumOfProducts(flow, tf.neg(level), v, true));
    return {
      q: tf.matMul(dScores, k, true),
      k: tf.matMul(dScores, q),
      v: tf.matMul(weights, flow),
    };
  });
}

/**
 * a b^T + c, with c (B, L, 1) added to whole rows: as one more column of the product, which costs
 * less than a pass over the result. Transposed, if so asked: b a^T + c^T.
 */
function sumOfProducts(a: Tensor3D, c: Tensor3D, b: Tensor3D, transposed = false): Tensor3D {
  const left = tf.concat([a, c], 2);
  const right = tf.concat([b, tf.ones(c.shape) as Tensor3D], 2);
  return transposed ? tf.matMul(right, left, false, true) : tf.matMul(left, right, false, true);
}
