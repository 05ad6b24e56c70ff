/** Normalisation with fixed statistics, and what may follow it, in float64. */
import type { Numbers, ReferenceOp } from "./reference_op.ts";

/** Statistics of the channels. */
export interface Fixed {
  readonly mean: Numbers;
  readonly variance: Numbers;
}

/** How a tensor is normalised. */
interface Normalised {
  readonly y: Float64Array;
  /** Gradients of x, gamma, beta and the bias before, from y's. */
  readonly back: (flow: Numbers) => Float64Array[];
}

function normalise(
  [x, gamma, beta, before]: readonly Numbers[],
  { mean, variance }: Fixed,
): Normalised {
  const columns = gamma!.length;
  const inverse = Array.from(
    { length: columns },
    (_, c) => 1 / Math.sqrt(Number(variance[c]!) + 1e-5),
  );
  const unit = Float64Array.from(x!, (value, i) => {
    const c = i % columns;
    return (value + before![c]! - mean[c]!) * inverse[c]!;
  });
  return {
    y: unit.map((value, i) => gamma![i % columns]! * value + beta![i % columns]!),
    back: (flow) => {
      const sums = Array.from({ length: 3 }, () => new Float64Array(columns));
      const dx = Float64Array.from(
        flow,
        (d, i) => d * gamma![i % columns]! * inverse[i % columns]!,
      );
      for (let i = 0; i < unit.length; i++) {
        const c = i % columns;
        sums[0]![c]! += flow[i]! * unit[i]!;
        sums[1]![c]! += flow[i]!;
        sums[2]![c]! += dx[i]!;
      }
      return [dx, ...sums];
    },
  };
}

/**
 * y = BN(h) + r, and max(y, 0) if rectified. Inputs h, gamma, beta and the bias before; r where there is
 * a residual; its gamma, beta and bias before where that is normalised, with the same statistics.
 */
export function frozenEnd(
  rows: number,
  columns: number,
  fixed: Fixed,
  { residual = "none", rectified = false }: {
    readonly residual?: "none" | "tensor" | "normalised";
    readonly rectified?: boolean;
  },
): ReferenceOp {
  const size = rows * columns;
  const sizes = [size, columns, columns, columns];
  if (residual !== "none") sizes.push(size);
  if (residual === "normalised") sizes.push(columns, columns, columns);
  const parts = (inputs: readonly Numbers[]) => {
    const h = normalise(inputs, fixed);
    const r = residual === "normalised" ? normalise(inputs.slice(4), fixed) : null;
    const sum = h.y.map((value, i) =>
      value + (residual === "none" ? 0 : r === null ? inputs[4]![i]! : r.y[i]!)
    );
    return { h, r, sum };
  };
  return {
    sizes,
    forward: (inputs) => parts(inputs).sum.map((sum) => rectified ? Math.max(sum, 0) : sum),
    gradient: (inputs, dy) => {
      const { h, r, sum } = parts(inputs);
      const flow = sum.map((value, i) => rectified && value <= 0 ? 0 : dy[i]!);
      const own = h.back(flow);
      if (residual === "none") return own;
      return [...own, ...(r === null ? [flow] : r.back(flow))];
    },
  };
}
