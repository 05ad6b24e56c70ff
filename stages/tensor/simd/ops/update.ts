/**
 * Updates in place on the `simd` backend: one pass over memory, and tensors stay where they are.
 *
 * @module
 */
import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import type { SgdOptions } from "../../ops/sgd.ts";
import { Float } from "../kernel_pool.ts";
import { simdBackend } from "../simd_backend.ts";
import { piecesOf } from "./slices.ts";

/** See {@link InPlace}. */
export function place(values: Float32Array): Tensor1D {
  const flat = simdBackend().empty<Tensor1D>([values.length]);
  numbers(flat).set(values);
  return flat;
}

/** See {@link InPlace}. */
export function assign(to: Tensor, from: Tensor, at = 0): void {
  numbers(to).set(numbers(from), at);
}

/** See {@link InPlace}. */
export function sgd(
  p: Tensor1D,
  gradients: readonly Tensor[],
  buffer: Tensor1D,
  { lr, momentum, weightDecay }: SgdOptions,
): void {
  const backend = simdBackend();
  const [first, second] = [backend.pointer(p), backend.pointer(buffer)];
  const choices = [new Float(lr), new Float(momentum), new Float(weightDecay)];
  forEach(p, gradients, (g, at) =>
    backend.pool.run("sgdStep", piecesOf(g.size), [
      first + at,
      backend.pointer(g),
      second + at,
      g.size,
      ...choices,
    ]));
}

/** See {@link InPlace}. */
export function ema(average: Tensor1D, values: readonly Tensor[], m: number): void {
  const backend = simdBackend();
  const first = backend.pointer(average);
  const shares = [new Float(m), new Float(1 - m)];
  forEach(average, values, (value, at) =>
    backend.pool.run("emaStep", piecesOf(value.size), [
      first + at,
      backend.pointer(value),
      value.size,
      ...shares,
    ]));
}

/** See {@link InPlace}. */
export function enqueue(queue: Tensor2D, keys: Tensor2D, from: number): void {
  assign(queue, keys, from * queue.shape[1]);
}

/** Visits parts of a buffer, with where they begin in it, in bytes. */
function forEach(
  flat: Tensor1D,
  parts: readonly Tensor[],
  visit: (part: Tensor, at: number) => void,
): void {
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  if (size !== flat.size) throw new Error(`expected ${flat.size} numbers, found ${size}`);
  let at = 0;
  for (const part of parts) {
    visit(part, at);
    at += 4 * part.size;
  }
}

/** A tensor's numbers where they lie; moved into the shared memory if need be. */
function numbers(tensor: Tensor): Float32Array {
  const backend = simdBackend();
  const at = backend.pointer(tensor) / 4;
  return backend.pool.f32.subarray(at, at + tensor.size);
}
