/**
 * The optimiser of pre-training: SGD with momentum and weight decay on every trained tensor of some
 * networks (method section 7.7).
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor1D } from "@tensorflow/tfjs-core";
import type { SafeTensor } from "../formats/safetensors.ts";
import type { SgdOptions } from "../tensor/ops/sgd.ts";
import { readTensors } from "../tensor/read_tensors.ts";
import type { Network } from "./network.ts";

/** Momentum buffers of some networks, by name. */
export class Optimizer {
  readonly #networks: ReadonlyMap<string, Network>;
  readonly #buffers = new Map<string, Tensor1D>();

  /** @param networks By the names that {@link state} uses. */
  constructor(networks: ReadonlyMap<string, Network>) {
    this.#networks = networks;
    for (const [name, { trained }] of networks) {
      this.#buffers.set(name, tf.keep(tf.zerosLike(trained.flat)));
    }
  }

  /** What gradients are wanted of, in order; other backends than `simd` make new tensors in every {@link step}. */
  get parameters(): Tensor[] {
    return [...this.#networks.values()].flatMap(({ trained }) => trained.views);
  }

  /** One step down the gradients, which come in the order of {@link parameters} and are freed. */
  step(gradients: readonly Tensor[], options: SgdOptions): void {
    let from = 0;
    for (const [name, { trained }] of this.#networks) {
      const own = gradients.slice(from, from += trained.slots.length);
      const old = this.#buffers.get(name)!;
      const next = trained.descend(own, old, options);
      if (next === old) continue;
      this.#buffers.set(name, tf.keep(next));
      old.dispose();
    }
    tf.dispose(gradients as Tensor[]);
  }

  /** The buffers. */
  async state(): Promise<Map<string, SafeTensor>> {
    const state = new Map<string, SafeTensor>();
    const values = await readTensors([...this.#buffers.values()]);
    [...this.#buffers.keys()].forEach((name, i) => {
      const data = this.#networks.get(name)!.trained.compact(values[i]!);
      state.set(`momenta/${name}`, { dtype: "F32", shape: [data.length], data });
    });
    return state;
  }

  /**
   * Puts back what {@link state} gave.
   *
   * @throws {Error} If it is of other networks.
   */
  restore(state: ReadonlyMap<string, SafeTensor>): void {
    for (const [name, buffer] of this.#buffers) {
      const saved = state.get(`momenta/${name}`);
      const { trained } = this.#networks.get(name)!;
      if (saved?.dtype !== "F32" || saved.data.length !== trained.size) {
        throw new Error(`state momenta/${name}: expected ${trained.size} float32 values`);
      }
      const values = trained.spread(Float32Array.from(saved.data));
      this.#buffers.set(name, tf.keep(tf.tensor1d(values)));
      buffer.dispose();
    }
  }

  /** Frees the buffers. */
  dispose(): void {
    tf.dispose([...this.#buffers.values()]);
  }
}
