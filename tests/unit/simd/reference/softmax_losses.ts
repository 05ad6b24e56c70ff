/** Rows of length 1 and the losses of them, in float64. */
import type { Numbers, ReferenceOp } from "./reference_op.ts";

/** v / max(|v|, 1e-12) for rows of (rows, width). */
export function normalizeRows(rows: number, width: number): ReferenceOp {
  const scale = (x: Numbers, i: number) => {
    let square = 0;
    for (let f = 0; f < width; f++) square += x[i * width + f]! ** 2;
    return 1 / Math.max(Math.sqrt(square), 1e-12);
  };
  return {
    sizes: [rows * width],
    forward: ([x]) =>
      Float64Array.from(
        { length: rows * width },
        (_, i) => x![i]! * scale(x!, Math.floor(i / width)),
      ),
    gradient: ([x], dy) => {
      const dx = new Float64Array(rows * width);
      for (let i = 0; i < rows; i++) {
        const s = scale(x!, i);
        for (let f = 0; f < width; f++) {
          for (let g = 0; g < width; g++) {
            const [p, q] = [i * width + f, i * width + g];
            dx[q]! += dy[p]! * s * ((f === g ? 1 : 0) - x![p]! * x![q]! * s * s);
          }
        }
      }
      return [dx];
    },
  };
}

/** Fixed inputs of {@link infoNce}, numbers row by row. */
export interface Contrasts {
  readonly keys: Numbers;
  readonly queue: Numbers;
  readonly extra: Numbers | null;
  readonly tau: number;
}

/** Loss of queries (rows, width): the only input; after it, the mean cosines of keys and queue. */
export function infoNce(
  rows: number,
  width: number,
  { keys, queue, extra, tau }: Contrasts,
): ReferenceOp {
  const cosine = (q: Numbers, i: number, other: Numbers, j: number) => {
    let sum = 0;
    for (let f = 0; f < width; f++) sum += q[i * width + f]! * other[j * width + f]!;
    return sum;
  };
  const size = queue.length / width;
  /** What query i is held against, the key first. */
  const others = (i: number): [Numbers, number][] => [
    [keys, i],
    ...Array.from({ length: size }, (_, j): [Numbers, number] => [queue, j]),
    ...(extra === null ? [] : [[extra, i] as [Numbers, number]]),
  ];
  const shares = (q: Numbers, i: number) => {
    const scores = others(i).map(([other, j]) => cosine(q, i, other, j) / tau);
    const most = Math.max(...scores);
    const sum = scores.reduce((sum, score) => sum + Math.exp(score - most), 0);
    return scores.map((score) => Math.exp(score - most) / sum);
  };
  return {
    sizes: [rows * width],
    forward: ([q]) => {
      const out = new Float64Array(3);
      for (let i = 0; i < rows; i++) {
        out[0]! -= Math.log(shares(q!, i)[0]!) / rows;
        out[1]! += cosine(q!, i, keys, i) / rows;
        for (let j = 0; j < size; j++) out[2]! += cosine(q!, i, queue, j) / rows / size;
      }
      return out;
    },
    // The cosines have no gradient of their own.
    gradient: ([q], dy) => {
      const dq = new Float64Array(rows * width);
      for (let i = 0; i < rows; i++) {
        const p = shares(q!, i);
        others(i).forEach(([other, j], o) => {
          const error = (p[o]! - (o === 0 ? 1 : 0)) * dy[0]! / rows / tau;
          for (let f = 0; f < width; f++) dq[i * width + f]! += error * other[j * width + f]!;
        });
      }
      return [dq];
    },
  };
}

/** Cross-entropy of logits (rows, classes) with fixed classes. */
export function crossEntropy(labels: readonly number[], classes: number): ReferenceOp {
  const rows = labels.length;
  const shares = (x: Numbers, i: number) => {
    const row = Array.from({ length: classes }, (_, c) => x[i * classes + c]!);
    const most = Math.max(...row);
    const sum = row.reduce((sum, value) => sum + Math.exp(value - most), 0);
    return row.map((value) => Math.exp(value - most) / sum);
  };
  return {
    sizes: [rows * classes],
    forward: ([x]) =>
      Float64Array.of(
        labels.reduce((sum, label, i) => sum - Math.log(shares(x!, i)[label]!), 0) / rows,
      ),
    gradient: ([x], dy) => [
      Float64Array.from(
        labels.flatMap((label, i) =>
          shares(x!, i).map((share, c) => (share - (c === label ? 1 : 0)) * dy[0]! / rows)
        ),
      ),
    ],
  };
}
