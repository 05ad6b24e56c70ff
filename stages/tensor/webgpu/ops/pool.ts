/**
 * Pooling of backbone features on the `webgpu` backend.
 *
 * @module
 */
import type { Tensor, Tensor2D, Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";
import type { Tape } from "../../tape.ts";
import { gpuBackend } from "../gpu_backend.ts";
import { flatGroups, flatIndex, kernelOf } from "../kernel_code.ts";
import { elementOf, lanesOf } from "../lanes.ts";
import * as kernels from "../pool_kernels.ts";

const THREADS = 256;

/** See the definition. */
export function poolTokens(tape: Tape, f: Tensor4D): Tensor2D {
  const [joints, frames, bodies, size] = f.shape;
  const rows = joints * frames, lanes = lanesOf(bodies * size);
  const columns = bodies * size / lanes, numbers = [rows, columns, 1 / rows];
  return tape.record([f], () => {
    const y = gpuBackend().empty<Tensor2D>([bodies, size]);
    const groups = kernels.meansGroups(columns, 1);
    gpuBackend().run(kernels.columnMeans(lanes), { tensors: [f, y], groups, numbers });
    return [y, (dy) => {
      const dx = gpuBackend().empty(f.shape);
      const groups = kernels.rowsGroups(columns, rows, 1);
      gpuBackend().run(kernels.spreadRow(lanes), { tensors: [dy, dx], groups, numbers });
      return [dx];
    }];
  });
}

/** See the definition. */
export function tokensOf(tape: Tape, f: Tensor4D): Tensor3D {
  const [joints, frames, bodies, size] = f.shape;
  const tokens = joints * frames;
  return tape.record([f], () => [
    swapped<Tensor3D>(f, [bodies, tokens, size], bodies, tokens, size),
    (dy) => [swapped(dy, f.shape, tokens, bodies, size)],
  ]);
}

/** (rows, bodies, size) -> (bodies, rows, size), in a tensor of some shape. */
function swapped<T extends Tensor>(
  x: Tensor,
  shape: readonly number[],
  bodies: number,
  rows: number,
  size: number,
): T {
  const y = gpuBackend().empty<T>(shape);
  const lanes = lanesOf(size), columns = size / lanes;
  gpuBackend().run(kernels.leadingSwap(lanes), {
    tensors: [x, y],
    groups: kernels.rowsGroups(columns, rows, bodies),
    numbers: [rows, columns],
  });
  return y;
}

/** See the definition. */
export function maskPool(tape: Tape, f: Tensor3D, mask: Tensor3D): Tensor3D {
  const [bodies, rows, size] = f.shape;
  const lanes = lanesOf(size), columns = size / lanes, numbers = [rows, columns, 1 / rows];
  return tape.record([f, mask], (save) => {
    const y = gpuBackend().empty<Tensor3D>([2, bodies, size]);
    gpuBackend().run(kernels.maskedMeans(lanes), {
      tensors: [f, mask, y],
      groups: kernels.meansGroups(columns, bodies),
      numbers,
    });
    const [fs, ms] = [save(f), save(mask)];
    return [y, (dy, needs) => {
      const [ofF, ofMask] = [needs[0]!, needs[1]!];
      const df = ofF ? gpuBackend().empty(fs.shape) : null;
      const dMask = ofMask ? gpuBackend().empty(fs.shape) : null;
      gpuBackend().run(kernels.maskedMeansGradient(lanes, ofF, ofMask), {
        tensors: [dy, ...(df === null ? [] : [ms, df]), ...(dMask === null ? [] : [fs, dMask])],
        groups: kernels.rowsGroups(columns, rows, bodies),
        numbers,
      });
      return [df, dMask];
    }];
  });
}

/** See the definition. The exponent is held below where float32 ends. */
export function scaledSigmoid(tape: Tape, x: Tensor3D, Lambda: number): Tensor3D {
  const lanes = lanesOf(x.size), type = elementOf(lanes), size = x.size / lanes;
  const groups = flatGroups(size, THREADS);
  const shared = { numbers: ["size: u32", "Lambda: f32"], workgroup: [THREADS] as const };
  const numbers = [size, Lambda];
  return tape.record([x], (save) => {
    const y = gpuBackend().empty<Tensor3D>(x.shape);
    const forward = kernelOf(`scaled sigmoid ${lanes}`, () => ({
      ...shared,
      bindings: [{ name: "x", type }, { name: "y", type, write: true }],
      main: `${flatIndex(THREADS)}
        if (index < numbers.size) {
          let e = exp(min(-numbers.Lambda * x[index], ${type}(80.0)));
          y[index] = ${type}(1.0) / (${type}(1.0) + e);
        }`,
    }));
    gpuBackend().run(forward, { tensors: [x, y], groups, numbers });
    const ys = save(y);
    return [ys, (dy) => {
      const dx = gpuBackend().empty(ys.shape);
      const backward = kernelOf(`scaled sigmoid gradient ${lanes}`, () => ({
        ...shared,
        bindings: [{ name: "y", type }, { name: "dy", type }, { name: "dx", type, write: true }],
        main: `${flatIndex(THREADS)}
          if (index < numbers.size) {
            let v = y[index];
            dx[index] = numbers.Lambda * dy[index] * (v * (${type}(1.0) - v));
          }`,
      }));
      gpuBackend().run(backward, { tensors: [ys, dy, dx], groups, numbers });
      return [dx];
    }];
  });
}
