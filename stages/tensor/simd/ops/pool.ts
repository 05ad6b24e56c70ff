/**
 * Pooling of backbone features on the `simd` backend.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor2D, Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";
import type { Tape } from "../../tape.ts";
import { Float } from "../kernel_pool.ts";
import { permuted } from "../permute.ts";
import { simdBackend } from "../simd_backend.ts";
import { piecesOf, slicesOf } from "./slices.ts";

/** Columns that a kernel takes at once. */
const COLUMNS = 128;

/** Tokens that the gradient of mask pooling takes at once. */
const TOKENS = 64;

/** See the definition. */
export function poolTokens(tape: Tape, f: Tensor4D): Tensor2D {
  const [joints, frames, bodies, size] = f.shape;
  const [tokens, columns] = [joints * frames, bodies * size];
  return tape.record([f], () => {
    const backend = simdBackend();
    const y = backend.empty<Tensor2D>([bodies, size]);
    const pointers = [backend.pointer(f), backend.pointer(y)];
    backend.pool.run("meanOfRows", Math.ceil(columns / COLUMNS), [...pointers, tokens, columns]);
    return [y, (dy) => {
      const backend = simdBackend();
      const dx = backend.empty(f.shape);
      const { length, count } = slicesOf(tokens, columns);
      const pointers = [backend.pointer(dy), backend.pointer(dx)];
      backend.pool.run("spreadRow", count, [
        ...pointers,
        tokens,
        columns,
        new Float(1 / tokens),
        length,
      ]);
      return [dx];
    }];
  });
}

/** See the definition. */
export function tokensOf(tape: Tape, f: Tensor4D): Tensor3D {
  const [joints, frames, bodies, size] = f.shape;
  const tokens = joints * frames;
  return tape.record([f], () => {
    const y = permuted<Tensor3D>(f, [tokens, bodies, size], [1, 0, 2]);
    return [y, (dy) => {
      const flow = permuted(dy, [bodies, tokens, size], [1, 0, 2]);
      return [tf.reshape(flow, f.shape)];
    }];
  });
}

/** See the definition. */
export function maskPool(tape: Tape, f: Tensor3D, mask: Tensor3D): Tensor3D {
  const [bodies, tokens, size] = f.shape;
  return tape.record([f, mask], (save) => {
    const backend = simdBackend();
    const y = backend.empty<Tensor3D>([2, bodies, size]);
    backend.pool.run("maskPool", bodies * Math.ceil(size / COLUMNS), [
      backend.pointer(f),
      backend.pointer(mask),
      backend.pointer(y),
      bodies,
      tokens,
      size,
    ]);
    const [fs, ms] = [save(f), save(mask)];
    return [y, (dy, needs) => {
      const backend = simdBackend();
      const df = needs[0] ? backend.empty(f.shape) : null;
      const dMask = needs[1] ? backend.empty(f.shape) : null;
      backend.pool.run("maskPoolGradient", bodies * Math.ceil(tokens / TOKENS), [
        backend.pointer(fs),
        backend.pointer(ms),
        backend.pointer(dy),
        df === null ? 0 : backend.pointer(df),
        dMask === null ? 0 : backend.pointer(dMask),
        bodies,
        tokens,
        size,
      ]);
      return [df, dMask];
    }];
  });
}

/** See the definition. */
export function scaledSigmoid(tape: Tape, x: Tensor3D, Lambda: number): Tensor3D {
  const pieces = piecesOf(x.size);
  return tape.record([x], (save) => {
    const backend = simdBackend();
    const y = save(backend.empty<Tensor3D>(x.shape));
    const pointers = [backend.pointer(x), backend.pointer(y)];
    backend.pool.run("scaledSigmoid", pieces, [...pointers, x.size, new Float(Lambda)]);
    return [y, (dy) => {
      const backend = simdBackend();
      const dx = backend.empty(x.shape);
      const pointers = [backend.pointer(y), backend.pointer(dy), backend.pointer(dx)];
      backend.pool.run("scaledSigmoidGradient", pieces, [...pointers, x.size, new Float(Lambda)]);
      return [dx];
    }];
  });
}

/** See the definition. */
export function meanOfBodies(tape: Tape, x: Tensor2D, bodies: number): Tensor2D {
  const [rows, size] = x.shape;
  if (bodies === 1) return x;
  const clips = rows / bodies;
  return tape.record([x], () => {
    const backend = simdBackend();
    const y = backend.empty<Tensor2D>([clips, size]);
    backend.pool.run("meanOfBodies", 1, [
      backend.pointer(x),
      backend.pointer(y),
      clips,
      bodies,
      size,
    ]);
    return [y, (dy) => {
      const backend = simdBackend();
      const dx = backend.empty(x.shape);
      const pointers = [backend.pointer(dy), backend.pointer(dx)];
      backend.pool.run("meanOfBodiesGradient", 1, [...pointers, clips, bodies, size]);
      return [dx];
    }];
  });
}
