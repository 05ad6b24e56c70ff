/** Batch normalisation, and what may follow it, in float64. */
import type { Numbers, ReferenceOp } from "./reference_op.ts";

/** What follows: a mask of h, a residual, a ReLU. */
export interface After {
  /** Factors of the normalised h, or null for none. */
  readonly mask?: Numbers | null;
  readonly residual?: "none" | "tensor" | "normalised";
  readonly rectified?: boolean;
}

/** Means and biased variances of the columns of x (rows, columns). */
export function columnMoments(x: Numbers, columns: number): { mean: number; variance: number }[] {
  const rows = x.length / columns;
  return Array.from({ length: columns }, (_, c) => {
    let sum = 0, squares = 0;
    for (let i = c; i < x.length; i += columns) sum += x[i]!;
    const mean = sum / rows;
    for (let i = c; i < x.length; i += columns) squares += (x[i]! - mean) ** 2;
    return { mean, variance: squares / rows };
  });
}

/** Most that a normalisation of x multiplies a gradient by. */
export function steepest(x: Numbers, gamma: Numbers): number {
  const scales = columnMoments(x, gamma.length)
    .map(({ variance }, c) => Math.abs(gamma[c]!) / Math.sqrt(variance + 1e-5));
  return Math.max(...scales);
}

function normalise(x: Numbers, gamma: Numbers, beta: Numbers): Float64Array {
  const columns = gamma.length;
  const moments = columnMoments(x, columns);
  return Float64Array.from({ length: x.length }, (_, i) => {
    const { mean, variance } = moments[i % columns]!;
    return gamma[i % columns]! * (x[i]! - mean) / Math.sqrt(variance + 1e-5) + beta[i % columns]!;
  });
}

/** Gradients of x, gamma and beta. */
function gradients(x: Numbers, gamma: Numbers, dy: Numbers): Float64Array[] {
  const columns = gamma.length, rows = x.length / columns;
  const moments = columnMoments(x, columns);
  const inverse = moments.map(({ variance }) => 1 / Math.sqrt(variance + 1e-5));
  const unit = (i: number) => (x[i]! - moments[i % columns]!.mean) * inverse[i % columns]!;
  const [dGamma, dBeta] = [new Float64Array(columns), new Float64Array(columns)];
  for (let i = 0; i < x.length; i++) {
    dGamma[i % columns]! += dy[i]! * unit(i);
    dBeta[i % columns]! += dy[i]!;
  }
  const dx = Float64Array.from({ length: x.length }, (_, i) => {
    const c = i % columns;
    return gamma[c]! * inverse[c]! * (dy[i]! - dBeta[c]! / rows - unit(i) * dGamma[c]! / rows);
  });
  return [dx, dGamma, dBeta];
}

/** Inputs h, gamma, beta; r where there is a residual; its gamma and beta where that is normalised. */
export function blockEnd(
  rows: number,
  columns: number,
  { mask = null, residual = "none", rectified = false }: After,
): ReferenceOp {
  const size = rows * columns;
  const sums = ([h, gamma, beta, r, ...others]: readonly Numbers[]) => {
    const first = normalise(h!, gamma!, beta!);
    const second = residual === "normalised" ? normalise(r!, others[0]!, others[1]!) : r;
    return first.map((value, i) =>
      (mask === null ? value : value * mask[i]!) + (residual === "none" ? 0 : second![i]!)
    );
  };
  const sizes = [size, columns, columns];
  if (residual !== "none") sizes.push(size);
  if (residual === "normalised") sizes.push(columns, columns);
  return {
    sizes,
    forward: (inputs) => sums(inputs).map((sum) => rectified ? Math.max(sum, 0) : sum),
    gradient: (inputs, dy) => {
      const [h, gamma, , r, otherGamma] = inputs;
      const flow = sums(inputs).map((sum, i) => rectified && sum <= 0 ? 0 : dy[i]!);
      const own = gradients(h!, gamma!, mask === null ? flow : flow.map((d, i) => d * mask[i]!));
      if (residual === "none") return own;
      if (residual === "tensor") return [...own, flow];
      return [...own, ...gradients(r!, otherGamma!, flow)];
    },
  };
}
