/**
 * Dense layers by the kernels; see {@link ../../ops/linear.ts} for what they give.
 *
 * @module
 */
import type { Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import type { Tape } from "../../tape.ts";
import { columnSumsOf, matrixProduct } from "../matrix_product.ts";

/** x w^T + b. */
export function linear(tape: Tape, x: Tensor2D, w: Tensor2D, b: Tensor1D | null = null): Tensor2D {
  return tape.record(b === null ? [x, w] : [x, w, b], (save) => {
    const y = matrixProduct<Tensor2D>(x, w, { turnB: true, bias: b });
    const [xs, ws] = [save(x), save(w)];
    return [y, (dy, needs) => {
      const dx = needs[0] ? matrixProduct(dy, ws) : null;
      const dw = needs[1] ? matrixProduct(dy, xs, { turnA: true }) : null;
      if (b === null) return [dx, dw];
      return [dx, dw, needs[2] ? columnSumsOf(dy) : null];
    }];
  });
}
