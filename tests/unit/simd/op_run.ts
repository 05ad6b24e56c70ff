/**
 * Running an operation on a backend, forward and backward, and comparing numbers.
 *
 * @module
 */
import { assert } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor } from "@tensorflow/tfjs-core";
import { NO_TAPE, Tape } from "../../../stages/tensor/tape.ts";
import { normal, type Numbers } from "./reference/reference_op.ts";

/** An operation on tensors of fixed shapes. */
export interface TensorOp {
  readonly shapes: readonly (readonly number[])[];
  readonly run: (tape: Tape, ...inputs: never[]) => Tensor;
  /** Inputs without gradient (default: none). */
  readonly constant?: readonly number[];
}

/** What came of it. */
export interface OpRun {
  readonly output: Float32Array;
  /** By input; empty where it is a constant. */
  readonly gradients: readonly Float32Array[];
}

/** Runs an operation on a backend. `dy` is the gradient of the output. */
export async function runOp(
  backend: "simd" | "cpu",
  { shapes, run, constant = [] }: TensorOp,
  values: readonly Float32Array[],
  dy: Float32Array,
): Promise<OpRun> {
  await tf.setBackend(backend);
  const before = tf.memory().numTensors;
  const found = tf.tidy(() => {
    const inputs = values.map((v, i) => tf.tensor(v, shapes[i] as number[]));
    const parameters = inputs.filter((_, i) => !constant.includes(i));
    const tape = new Tape(parameters);
    const y = run(tape, ...inputs as never[]);
    const flowed = tape.gradients([[y, tf.tensor(dy, y.shape)]], parameters);
    const output = y.dataSync<"float32">().slice();
    const plain = run(NO_TAPE, ...inputs as never[]).dataSync<"float32">();
    assert(
      output.every((value, i) => Object.is(value, plain[i])),
      "with and without a tape differ",
    );
    const gradients = inputs.map((input) => {
      const at = parameters.indexOf(input);
      return at < 0 ? new Float32Array() : flowed[at]!.dataSync<"float32">().slice();
    });
    tf.dispose(flowed);
    return { output, gradients };
  });
  assert(tf.memory().numTensors === before, `${backend}: tensors are left behind`);
  return found;
}

/** Random inputs of an operation, and a random gradient of its output of some size. */
export function drawInputs({ shapes }: TensorOp, outputs: number, seed: number, scale = 1) {
  const values = shapes.map((shape, i) =>
    normal(shape.reduce((size, n) => size * n, 1), 100 * seed + i, scale)
  );
  return { values, dy: normal(outputs, 100 * seed + 99) };
}

/** Fails unless `actual` is within `tolerance` of the largest of `expected` (at least `floor`) of it. */
export function assertClose(
  actual: Numbers,
  expected: Numbers,
  tolerance: number,
  what: string,
  floor = 1e-30,
): void {
  assert(actual.length === expected.length, `${what}: ${actual.length} of ${expected.length}`);
  let largest = floor;
  for (let i = 0; i < expected.length; i++) largest = Math.max(largest, Math.abs(expected[i]!));
  for (let i = 0; i < expected.length; i++) {
    const gap = Math.abs(actual[i]! - expected[i]!);
    assert(
      gap <= tolerance * largest,
      `${what}, number ${i}: ${actual[i]} for ${expected[i]}, largest ${largest}`,
    );
  }
}

/** Largest magnitude. */
export function largestOf(numbers: Numbers): number {
  let largest = 0;
  for (let i = 0; i < numbers.length; i++) largest = Math.max(largest, Math.abs(numbers[i]!));
  return largest;
}
