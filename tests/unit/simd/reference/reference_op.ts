/**
 * Operations written out plainly in float64, against which definitions and kernels are held, and the
 * check by which these are held themselves: central differences.
 *
 * @module
 */
import { assert } from "@std/assert";
import { randomStream } from "../../../../stages/random.ts";

/** Numbers of a tensor, row by row. */
export type Numbers = ArrayLike<number>;

/** An operation for fixed sizes. */
export interface ReferenceOp {
  /** Numbers of each input. */
  readonly sizes: readonly number[];
  /** The output. */
  readonly forward: (inputs: readonly Numbers[]) => Float64Array;
  /** Gradients of the inputs, in order, from the output's. */
  readonly gradient: (inputs: readonly Numbers[], dy: Numbers) => readonly Float64Array[];
}

/** Normally distributed numbers. */
export function normal(size: number, seed: number, scale = 1): Float32Array<ArrayBuffer> {
  const values = new Float32Array(size);
  randomStream(seed, "simd test").fillNormal(values, 0, scale);
  return values;
}

/** Fails unless the gradients agree with central differences. */
export function assertGradient(op: ReferenceOp, seed: number, tolerance = 1e-7): void {
  const inputs = op.sizes.map((size, i) => Float64Array.from(normal(size, 100 * seed + i)));
  const dy = Float64Array.from(normal(op.forward(inputs).length, 100 * seed + 99));
  const objective = () => op.forward(inputs).reduce((sum, y, i) => sum + y * dy[i]!, 0);
  const step = 1e-5;
  op.gradient(inputs, dy).forEach((gradient, i) => {
    const input = inputs[i]!;
    const largest = gradient.reduce((most, g) => Math.max(most, Math.abs(g)), 0);
    assert(gradient.length === input.length && largest > 0, `input ${i}: no gradient`);
    input.forEach((value, j) => {
      input[j] = value + step;
      const above = objective();
      input[j] = value - step;
      const below = objective();
      input[j] = value;
      const gap = Math.abs((above - below) / (2 * step) - gradient[j]!);
      assert(gap <= tolerance * largest, `input ${i}, number ${j}: off by ${gap} of ${largest}`);
    });
  });
}
