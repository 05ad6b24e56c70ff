/**
 * Tensors with their axes in another order.
 *
 * @module
 */
import type { Tensor } from "@tensorflow/tfjs-core";
import { simdBackend } from "./simd_backend.ts";

/** Axes that the kernel knows. */
const AXES = 6;

/** Numbers in an item, about. */
const NUMBERS = 16384;

/**
 * A tensor with axis `order[i]` of `shape` as its axis i, or null if it has too many axes that do not
 * stay together.
 *
 * @param x Its numbers, row-major, as if of `shape`.
 */
export function tryPermute(
  x: Tensor,
  shape: readonly number[],
  order: readonly number[],
): Tensor | null {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((size, n) => size * n, 1));
  // Axes that follow one another in both are one.
  const sizes: number[] = [];
  const steps: number[] = [];
  for (const axis of order) {
    const [size, step] = [shape[axis]!, strides[axis]!];
    if (size === 1) continue;
    if (steps.at(-1) === step * size) {
      sizes.push(sizes.pop()! * size);
      steps.pop();
    } else {
      sizes.push(size);
    }
    steps.push(step);
  }
  if (sizes.length > AXES) return null;
  while (sizes.length < AXES) {
    sizes.unshift(1);
    steps.unshift(0);
  }
  const backend = simdBackend();
  const y = backend.empty(order.map((axis) => shape[axis]!));
  const plane = sizes[4]! * sizes[5]!;
  const each = Math.max(1, Math.floor(NUMBERS / plane));
  backend.pool.run("permute", Math.ceil(x.size / plane / each), [
    backend.pointer(x),
    backend.pointer(y),
    ...sizes,
    ...steps,
    each,
  ]);
  return y;
}

/** As {@link tryPermute}, of at most six axes. */
export function permuted<T extends Tensor = Tensor>(
  x: Tensor,
  shape: readonly number[],
  order: readonly number[],
): T {
  const y = tryPermute(x, shape, order);
  if (y === null) throw new Error(`more than ${AXES} axes: [${shape.join(", ")}]`);
  return y as T;
}
