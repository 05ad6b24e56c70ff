/**
 * Reverse-mode differentiation in a few lines: operations record how their gradient flows back, and
 * the tape plays that in reverse. What an operation saves is freed as soon as it has been used, so
 * memory peaks at what the operations ask to keep, and the order of every sum is fixed.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor } from "@tensorflow/tfjs-core";
import { fused } from "./fused.ts";

/** Sums of lists of tensors, at least two of one shape in each, added up in their order: new tensors. */
export type SumEach = (lists: readonly (readonly Tensor[])[]) => Tensor[];

/** Keeps a tensor until the gradient has flowed back through the operation; returns the kept one. */
export type Save = <T extends Tensor>(tensor: T) => T;

/**
 * The gradient of an operation.
 *
 * @param dy Gradient of the output, of its shape.
 * @param needs For each input, whether its gradient is wanted.
 * @returns Gradients by input, each a tensor of its own (a clone where `dy` itself flows on); `null`
 * for those that are not wanted.
 */
export type Backward = (dy: Tensor, needs: readonly boolean[]) => readonly (Tensor | null)[];

interface Node {
  readonly output: number;
  readonly inputs: readonly number[];
  readonly needs: readonly boolean[];
  readonly saved: readonly Tensor[];
  readonly backward: Backward;
}

/**
 * Records operations. A tape without parameters ({@link NO_TAPE}) records nothing: operations then
 * just compute, which is how keys, evaluation and calibration run.
 */
export class Tape {
  readonly #nodes: Node[] = [];
  readonly #tracked: Set<number>;

  /** @param parameters Tensors whose gradients will be asked for. */
  constructor(parameters: Iterable<Tensor> = []) {
    this.#tracked = new Set(Array.from(parameters, (tensor) => tensor.id));
  }

  /** Whether any of some tensors depends on a parameter, so that an operation on them is recorded. */
  tracks(inputs: readonly Tensor[]): boolean {
    return inputs.some((input) => this.#tracked.has(input.id));
  }

  /**
   * Runs an operation in a scope of its own, and records it if any input depends on a parameter.
   *
   * @param inputs What gradients may flow to.
   * @param forward Computes the output, its gradient and, after these, tensors to hand out beside the
   * output; whatever `backward` uses must be what `save` returned.
   * @returns The output; it and the tensors beside it are owned by the enclosing `tf.tidy`.
   */
  record<T extends Tensor>(
    inputs: readonly Tensor[],
    forward: (save: Save) => readonly [T, Backward, ...Tensor[]],
  ): T {
    const needs = inputs.map((input) => this.#tracked.has(input.id));
    const tracked = needs.includes(true);
    const saved: Tensor[] = [];
    const save: Save = (tensor) => {
      if (!tracked) return tensor;
      const kept = tf.keep(tf.clone(tensor));
      saved.push(kept);
      return kept;
    };
    let backward: Backward;
    const [output] = tf.tidy(() => {
      const [result, gradient, ...beside] = forward(save);
      backward = gradient;
      // A saved output outlives its scope: hand out another handle to its memory.
      return [saved.includes(result) ? tf.clone(result) : result, ...beside] as [T, ...Tensor[]];
    });
    if (tracked) {
      this.#tracked.add(output.id);
      this.#nodes.push({
        output: output.id,
        inputs: inputs.map((input) => input.id),
        needs,
        saved,
        backward: backward!,
      });
    }
    return output;
  }

  /**
   * Plays the tape in reverse and empties it.
   *
   * @param seeds Outputs, each with its gradient (left as it is).
   * @param parameters As handed to the constructor.
   * @returns Gradients by parameter, zeros where none arrived; the caller disposes of them.
   */
  gradients(
    seeds: readonly (readonly [Tensor, Tensor])[],
    parameters: readonly Tensor[],
  ): Tensor[] {
    const gradients = new Map<number, Tensor>();
    const together = fused().sumEach;
    // Where a backend sums many tensors at once, what flows to parameters is kept until all has.
    const flows = new Map<number, Tensor[]>(
      together === undefined ? [] : parameters.map(({ id }) => [id, []]),
    );
    const add = (id: number, gradient: Tensor) => {
      const flow = flows.get(id);
      if (flow !== undefined) return void flow.push(gradient);
      const before = gradients.get(id);
      if (before === undefined) return void gradients.set(id, gradient);
      gradients.set(id, together?.([[before, gradient]])[0] ?? tf.addN([before, gradient]));
      tf.dispose([before, gradient]);
    };
    for (const [output, dy] of seeds) add(output.id, tf.clone(dy));
    for (let node = this.#nodes.pop(); node !== undefined; node = this.#nodes.pop()) {
      const { output, inputs, needs, saved, backward } = node;
      const dy = gradients.get(output);
      if (dy !== undefined) {
        gradients.delete(output);
        const targets: number[] = [];
        const flowed = tf.tidy(() =>
          backward(dy, needs).flatMap((d, i) => {
            if (d === null || !needs[i]) return [];
            targets.push(inputs[i]!);
            return [d];
          })
        );
        flowed.forEach((d, i) => add(targets[i]!, d));
        dy.dispose();
      }
      tf.dispose(saved as Tensor[]);
    }
    const several = [...flows].filter(([, flow]) => flow.length > 1);
    const sums = together?.(several.map(([, flow]) => flow)) ?? [];
    several.forEach(([id, flow], i) => {
      tf.dispose(flow);
      flows.set(id, [sums[i]!]);
    });
    const zeros = new Map<number, Tensor>();
    const none = (parameter: Tensor) => {
      const same = zeros.get(parameter.size);
      if (same !== undefined) return tf.reshape(same, parameter.shape);
      const made = tf.zerosLike(parameter);
      zeros.set(parameter.size, made);
      return made;
    };
    return parameters.map((parameter) =>
      flows.get(parameter.id)?.[0] ?? gradients.get(parameter.id) ?? none(parameter)
    );
  }

  /** Frees what the tape holds, unplayed. */
  dispose(): void {
    for (const { saved } of this.#nodes.splice(0)) tf.dispose(saved as Tensor[]);
  }
}

/** Records nothing. */
export const NO_TAPE = new Tape();
