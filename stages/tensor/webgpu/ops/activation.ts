/**
 * ReLU on the `webgpu` backend, and that of a sum: one pass each way. Backward, the output says where the
 * ReLU was open. Bytes moved, by number: ReLU 8 forward, 12 backward; of a sum 4 more for the mask and 4
 * for the residual, each way.
 *
 * @module
 */
import type { Tensor } from "@tensorflow/tfjs-core";
import type { Tape } from "../../tape.ts";
import { gpuBackend } from "../gpu_backend.ts";
import { flatGroups, flatIndex, kernelOf } from "../kernel_code.ts";

const THREADS = 256;

/**
 * One pass over tensors of one size.
 *
 * @param inputs By name.
 * @param outputs By name, all of the inputs' size.
 * @param statement What is done to the numbers `[index]` of all.
 */
function elementwise(
  name: string,
  inputs: Readonly<Record<string, Tensor>>,
  outputs: Readonly<Record<string, Tensor>>,
  statement: string,
): void {
  const kernel = kernelOf(`${name} (${Object.keys({ ...inputs, ...outputs })})`, () => ({
    bindings: [
      ...Object.keys(inputs).map((name) => ({ name })),
      ...Object.keys(outputs).map((name) => ({ name, write: true })),
    ],
    numbers: ["size: u32"],
    workgroup: [THREADS],
    main: `${flatIndex(THREADS)}
      if (index < numbers.size) { ${statement} }`,
  }));
  const tensors = [...Object.values(inputs), ...Object.values(outputs)];
  const size = tensors[0]!.size;
  gpuBackend().run(kernel, { tensors, groups: flatGroups(size, THREADS), numbers: [size] });
}

/** Unlike `max`, this keeps what is not a number, so that a loss shows it. */
function rectify(value: string): string {
  return `let value = ${value};
    y[index] = select(value, 0.0, value < 0.0);`;
}

/** See the definition. */
export function relu<T extends Tensor>(tape: Tape, x: T): T {
  return tape.record([x], (save) => {
    const y = gpuBackend().empty<T>(x.shape);
    elementwise("relu", { x }, { y }, rectify("x[index]"));
    const ys = save(y);
    return [ys, (dy) => {
      const dx = gpuBackend().empty<T>(ys.shape);
      const flow = "dx[index] = select(0.0, dy[index], y[index] > 0.0);";
      elementwise("relu gradient", { y: ys, dy }, { dx }, flow);
      return [dx];
    }];
  });
}

/** See the definition. */
export function reluSum<T extends Tensor>(tape: Tape, h: T, r: T | null, mask: Tensor | null): T {
  return tape.record(r === null ? [h] : [h, r], (save) => {
    const y = gpuBackend().empty<T>(h.shape);
    const masked = mask === null ? {} : { mask: save(mask) };
    const product = mask === null ? "h[index]" : "h[index] * mask[index]";
    const sum = r === null ? product : `${product} + r[index]`;
    const inputs = { h, ...masked, ...(r === null ? {} : { r }) };
    elementwise("relu of a sum", inputs, { y }, rectify(sum));
    const ys = save(y);
    return [ys, (dy) => {
      const dh = gpuBackend().empty<T>(ys.shape);
      const dr = r === null ? {} : { dr: gpuBackend().empty<T>(ys.shape) };
      elementwise(
        "relu of a sum, gradient",
        { y: ys, dy, ...masked },
        { dh, ...dr },
        `let flow = select(0.0, dy[index], y[index] > 0.0);
        dh[index] = flow${mask === null ? "" : " * mask[index]"};
        ${r === null ? "" : "dr[index] = flow;"}`,
      );
      return [dh, ...Object.values(dr)];
    }];
  });
}
