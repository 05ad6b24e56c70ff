/** Multi-head self-attention in float64. */
import { columnSums, matrixProduct } from "./linear.ts";
import type { Numbers, ReferenceOp } from "./reference_op.ts";

/** Attention of x (bodies, tokens, width) with the inputs qkv, its bias, out, its bias. */
export function attention(
  bodies: number,
  tokens: number,
  width: number,
  heads: number,
): ReferenceOp {
  const rows = bodies * tokens, depth = width / heads, scale = depth ** -0.5;
  const matrix = (values: Numbers, rows: number, columns: number, turned = false) => ({
    values,
    rows,
    columns,
    turned,
  });
  const dense = (x: Numbers, w: Numbers, b: Numbers) =>
    matrixProduct(matrix(x, rows, width), matrix(w, width, b.length, true))
      .map((y, i) => y + b[i % b.length]!);
  /** Number e of part p (0 q, 1 k, 2 v) of a token's head h. */
  const at = (p: number, body: number, token: number, h: number, e: number) =>
    ((body * tokens + token) * 3 + p) * width + h * depth + e;
  const forEachHead = (visit: (body: number, h: number) => void) => {
    for (let body = 0; body < bodies; body++) for (let h = 0; h < heads; h++) visit(body, h);
  };
  /** Shares of the tokens in what token i is given. */
  const shares = (parts: Numbers, body: number, h: number, i: number): number[] => {
    const scores = Array.from({ length: tokens }, (_, j) => {
      let sum = 0;
      for (let e = 0; e < depth; e++) {
        sum += parts[at(0, body, i, h, e)]! * parts[at(1, body, j, h, e)]!;
      }
      return scale * sum;
    });
    const most = Math.max(...scores);
    const weights = scores.map((score) => Math.exp(score - most));
    const total = weights.reduce((a, b) => a + b);
    return weights.map((weight) => weight / total);
  };
  const mix = (parts: Numbers): Float64Array => {
    const mixed = new Float64Array(rows * width);
    forEachHead((body, h) => {
      for (let i = 0; i < tokens; i++) {
        shares(parts, body, h, i).forEach((share, j) => {
          for (let e = 0; e < depth; e++) {
            mixed[(body * tokens + i) * width + h * depth + e]! += share *
              parts[at(2, body, j, h, e)]!;
          }
        });
      }
    });
    return mixed;
  };
  return {
    sizes: [rows * width, 3 * width * width, 3 * width, width * width, width],
    forward: ([x, qkv, qkvBias, out, outBias]) =>
      dense(mix(dense(x!, qkv!, qkvBias!)), out!, outBias!),
    gradient: ([x, qkv, qkvBias, out], dy) => {
      const parts = dense(x!, qkv!, qkvBias!);
      const mixed = mix(parts);
      const flow = matrix(dy, rows, width), flowTurned = matrix(dy, width, rows, true);
      const dMixed = matrixProduct(flow, matrix(out!, width, width));
      const dParts = new Float64Array(rows * 3 * width);
      forEachHead((body, h) => {
        for (let i = 0; i < tokens; i++) {
          const p = shares(parts, body, h, i);
          const of = (e: number) => dMixed[(body * tokens + i) * width + h * depth + e]!;
          const dShares = p.map((_, j) => {
            let sum = 0;
            for (let e = 0; e < depth; e++) sum += of(e) * parts[at(2, body, j, h, e)]!;
            return sum;
          });
          const level = dShares.reduce((sum, d, j) => sum + d * p[j]!, 0);
          p.forEach((share, j) => {
            const dScore = share * (dShares[j]! - level) * scale;
            for (let e = 0; e < depth; e++) {
              const [q, k] = [at(0, body, i, h, e), at(1, body, j, h, e)];
              dParts[at(2, body, j, h, e)]! += share * of(e);
              dParts[q]! += dScore * parts[k]!;
              dParts[k]! += dScore * parts[q]!;
            }
          });
        }
      });
      return [
        matrixProduct(matrix(dParts, rows, 3 * width), matrix(qkv!, 3 * width, width)),
        matrixProduct(matrix(dParts, 3 * width, rows, true), matrix(x!, rows, width)),
        columnSums(dParts, 3 * width),
        matrixProduct(flowTurned, matrix(mixed, rows, width)),
        columnSums(dy, width),
      ];
    },
  };
}
