/**
 * A case of the self-test: an operation, or a few that hand on to each other, on inputs that follow from
 * its name, forward and backward.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor } from "@tensorflow/tfjs-core";
import { fnv1a } from "../../../random.ts";
import { Tape } from "../../tape.ts";

/** An input: numbers spread evenly over shift - scale .. shift + scale (default: -1 .. 1). */
export interface Draw {
  readonly shape: readonly number[];
  readonly scale?: number;
  readonly shift?: number;
}

/** Inputs by name. */
export type Inputs = Readonly<Record<string, Tensor>>;

/** Takes a tensor that came out, by name; what is said first came first. */
export type Say = <T extends Tensor>(name: string, tensor: T) => T;

/** A case. */
export interface SelfTestCase {
  /** Says which operations, and of which sizes. */
  readonly name: string;
  /** Inputs without gradient. */
  readonly constants?: Readonly<Record<string, Draw>>;
  /** Inputs with one. */
  readonly parameters?: Readonly<Record<string, Draw>>;
  /**
   * Runs the operations.
   *
   * @returns The output whose gradient flows back, if there is one.
   */
  readonly run: (
    tape: Tape,
    inputs: Inputs,
    say: Say,
    /** What is to be freed once gradients have flowed. */
    after: (free: () => void) => void,
  ) => Tensor | undefined;
}

/** Even numbers in -1 .. 1, the same on every machine. */
export function evenNumbers(count: number, seed: number): Float32Array<ArrayBuffer> {
  const numbers = new Float32Array(count);
  let state = seed | 1;
  for (let i = 0; i < count; i++) {
    state = xorshift(state);
    numbers[i] = (state >>> 8) * 2 ** -23 - 1;
  }
  return numbers;
}

/** The next state of a small generator, which may not be zero. */
export function xorshift(state: number): number {
  state ^= state << 13;
  state ^= state >>> 17;
  return state ^ state << 5;
}

/** Runs a case on the backend in use; the caller disposes of what comes out. */
export function runCase(test: SelfTestCase, say: (name: string, kept: Tensor) => void): void {
  const frees: (() => void)[] = [];
  tf.tidy(() => {
    const tensors = (draws: Readonly<Record<string, Draw>> = {}) =>
      Object.fromEntries(
        Object.entries(draws).map(([name, draw]) => [name, drawn(draw, `${test.name} ${name}`)]),
      );
    const parameters = tensors(test.parameters);
    const given = Object.values(parameters);
    const tape = new Tape(given);
    const keep = (name: string, tensor: Tensor) => say(name, tf.keep(tf.clone(tensor)));
    const y = test.run(tape, { ...tensors(test.constants), ...parameters }, (name, tensor) => {
      keep(name, tensor);
      return tensor;
    }, (free) => frees.push(free));
    if (!y) return;
    const dy = drawn({ shape: y.shape }, `${test.name} gradient`);
    const flowed = tape.gradients([[y, dy]], given);
    Object.keys(parameters).forEach((name, i) => keep(`gradient of ${name}`, flowed[i]!));
  });
  for (const free of frees) free();
}

function drawn({ shape, scale = 1, shift = 0 }: Draw, seed: string): Tensor {
  const numbers = evenNumbers(shape.reduce((size, n) => size * n, 1), fnv1a(seed));
  for (let i = 0; i < numbers.length; i++) numbers[i] = shift + scale * numbers[i]!;
  return tf.tensor(numbers, shape as number[]);
}
