/**
 * Contrastive loss against a queue (method section 7.5) on rows of length 1.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Scalar, Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import { fused } from "../fused.ts";
import type { Tape } from "../tape.ts";

/** v / max(|v|, 1e-12), row by row: (rows, D). */
export function normalizeRows(tape: Tape, x: Tensor2D): Tensor2D {
  const own = fused().normalizeRows;
  if (own !== undefined) return own(tape, x);
  return tape.record([x], (save) => {
    const length = tf.sqrt(tf.sum(tf.square(x), 1, true));
    const inverse = save(tf.reciprocal(tf.maximum(length, 1e-12)));
    const y = save(tf.mul(x, inverse) as Tensor2D);
    return [y, (dy) => {
      const along = tf.sum(tf.mul(dy, y), 1, true);
      return [tf.mul(tf.sub(dy, tf.mul(y, along)), inverse)];
    }];
  });
}

/** What {@link infoNce} finds; all owned by the enclosing `tf.tidy`. */
export interface InfoNce {
  /** Mean of -log softmax(positive). */
  readonly loss: Scalar;
  /** Mean cosine of a query to its key. */
  readonly positive: Scalar;
  /** Mean cosine of a query to the queue. */
  readonly negative: Scalar;
}

/**
 * loss = -mean log [ e^(q.k/tau) / (e^(q.k/tau) + sum over j of e^(q.Q_j/tau) + e^(q.n/tau)) ].
 * Gradients flow to q alone.
 *
 * @param q Queries (N, F).
 * @param k Keys (N, F).
 * @param queue Negatives Q (K, F).
 * @param extra One more negative n for each query (N, F), or null for none.
 */
export function infoNce(
  tape: Tape,
  q: Tensor2D,
  k: Tensor2D,
  queue: Tensor2D,
  extra: Tensor2D | null,
  tau: number,
): InfoNce {
  const own = fused().infoNce;
  if (own !== undefined) return own(tape, q, k, queue, extra, tau);
  const n = q.shape[0];
  let positive: Scalar | undefined;
  let negative: Scalar | undefined;
  const loss = tape.record([q], (save) => {
    const sharp = tf.div(q, tau) as Tensor2D;
    const ownScores = tf.sum(tf.mul(sharp, k), 1, true);
    const others = tf.matMul(sharp, queue, false, true);
    const beside = extra === null ? null : tf.sum(tf.mul(sharp, extra), 1, true);
    positive = tf.mul(tf.mean(ownScores), tau) as Scalar;
    negative = tf.mul(tf.mean(others), tau) as Scalar;
    let max = tf.maximum(ownScores, tf.max(others, 1, true));
    if (beside !== null) max = tf.maximum(max, beside);
    const eOwn = save(tf.exp(tf.sub(ownScores, max)));
    const eOthers = save(tf.exp(tf.sub(others, max)) as Tensor2D);
    const eBeside = beside === null ? null : save(tf.exp(tf.sub(beside, max)));
    let sums = tf.add(eOwn, tf.sum(eOthers, 1, true));
    if (eBeside !== null) sums = tf.add(sums, eBeside);
    const inverse = save(tf.reciprocal(sums));
    const loss = tf.mean(tf.add(tf.log(sums), tf.sub(max, ownScores))) as Scalar;
    const [ks, negatives] = [save(k), save(queue)];
    const es = extra === null ? null : save(extra);
    const backward = (dy: Tensor) => {
      const flows: Tensor[] = [
        tf.mul(tf.sub(tf.mul(eOwn, inverse), 1), ks),
        tf.mul(tf.matMul(eOthers, negatives), inverse),
      ];
      if (es !== null) flows.push(tf.mul(tf.mul(eBeside!, inverse), es));
      return [tf.mul(tf.addN(flows), tf.div(dy, n * tau))];
    };
    return [loss, backward, positive, negative];
  });
  return { loss, positive: positive!, negative: negative! };
}

/** The queue after a step: rows `from .. from + N - 1` replaced by the keys. */
export function enqueue(queue: Tensor2D, keys: Tensor2D, from: number): Tensor2D {
  const [size] = queue.shape;
  const end = from + keys.shape[0];
  return tf.tidy(() => {
    const parts: Tensor2D[] = [];
    if (from > 0) parts.push(tf.slice(queue, [0], [from]));
    parts.push(keys);
    if (end < size) parts.push(tf.slice(queue, [end], [size - end]));
    return parts.length === 1 ? tf.clone(keys) : tf.concat2d(parts, 0);
  });
}
