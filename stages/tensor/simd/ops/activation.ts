/**
 * ReLU and sums before it on the `simd` backend.
 *
 * @module
 */
import type { Tensor } from "@tensorflow/tfjs-core";
import type { Tape } from "../../tape.ts";
import { simdBackend } from "../simd_backend.ts";
import { piecesOf } from "./slices.ts";

/** See the definition. */
export function relu<T extends Tensor>(tape: Tape, x: T): T {
  return tape.record([x], (save) => {
    const y = save(rectifiedSum(x, null, null));
    return [y, (dy) => [combined("gatedBy", dy, y)]];
  });
}

/** See the definition. */
export function reluSum<T extends Tensor>(tape: Tape, h: T, r: T | null, mask: Tensor | null): T {
  return tape.record(r === null ? [h] : [h, r], (save) => {
    const y = save(rectifiedSum(h, r, mask));
    const kept = mask === null ? null : save(mask);
    return [y, (dy, needs) => {
      const flow = combined("gatedBy", dy, y);
      if (kept === null && r === null) return [flow];
      const dh = !needs[0]
        ? null
        : kept === null
        ? flow.clone()
        : combined("productOf", flow, kept);
      return r === null ? [dh] : [dh, flow];
    }];
  });
}

/** Two tensors of one shape, number by number, by the kernel `how`. */
export function combined<T extends Tensor>(how: string, x: T, y: Tensor): T {
  const backend = simdBackend();
  const z = backend.empty<T>(x.shape);
  const pointers = [backend.pointer(x), backend.pointer(y), backend.pointer(z)];
  backend.pool.run(how, piecesOf(x.size), [...pointers, x.size]);
  return z;
}

function rectifiedSum<T extends Tensor>(x: T, r: T | null, mask: Tensor | null): T {
  const backend = simdBackend();
  const y = backend.empty<T>(x.shape);
  backend.pool.run("rectifiedSum", piecesOf(x.size), [
    backend.pointer(x),
    mask === null ? 0 : backend.pointer(mask),
    r === null ? 0 : backend.pointer(r),
    backend.pointer(y),
    x.size,
  ]);
  return y;
}
