/**
 * Dense layers by the kernels; see {@link ../../ops/linear.ts} for what they give.
 *
 * @module
 */
import type { Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import type { Tape } from "../../tape.ts";
import { matrixProduct } from "../matrix_product.ts";
import { sumOfParts } from "../sum_of_parts.ts";

/** x w^T + b. */
export function linear(tape: Tape, x: Tensor2D, w: Tensor2D, b: Tensor1D | null = null): Tensor2D {
  return tape.record(b === null ? [x, w] : [x, w, b], (save) => {
    const y = matrixProduct(x, w, { turnB: true, bias: b, use: "linear" });
    const [xs, ws] = [save(x), save(w)];
    return [y, (flow, needs) => {
      const dy = flow as Tensor2D;
      const dx = needs[0] ? matrixProduct(dy, ws, { use: "linear input gradient" }) : null;
      const dw = needs[1]
        ? matrixProduct(dy, xs, { turnA: true, use: "linear kernel gradient" })
        : null;
      return b === null ? [dx, dw] : [dx, dw, needs[2] ? sumOfParts(dy, b.shape) : null];
    }];
  });
}
