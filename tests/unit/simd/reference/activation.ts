/** ReLU, sums before it, and the sigmoid of a multiple, in float64. */
import type { Numbers, ReferenceOp } from "./reference_op.ts";

/** max(mask h + r, 0) of h and, if it is summed, r. */
export function reluSum(size: number, mask: Numbers | null, summed: boolean): ReferenceOp {
  const sums = ([h, r]: readonly Numbers[]) =>
    Float64Array.from(
      { length: size },
      (_, i) => (mask === null ? 1 : mask[i]!) * h![i]! + (summed ? r![i]! : 0),
    );
  return {
    sizes: summed ? [size, size] : [size],
    forward: (inputs) => sums(inputs).map((sum) => Math.max(sum, 0)),
    gradient: (inputs, dy) => {
      const flow = sums(inputs).map((sum, i) => sum > 0 ? dy[i]! : 0);
      const dh = mask === null ? flow : flow.map((d, i) => d * mask[i]!);
      return summed ? [dh, flow] : [dh];
    },
  };
}

/** sigmoid(Lambda x). */
export function scaledSigmoid(size: number, Lambda: number): ReferenceOp {
  const y = (x: Numbers) => Float64Array.from(x, (value) => 1 / (1 + Math.exp(-Lambda * value)));
  return {
    sizes: [size],
    forward: ([x]) => y(x!),
    gradient: ([x], dy) => [y(x!).map((value, i) => Lambda * dy[i]! * value * (1 - value))],
  };
}
