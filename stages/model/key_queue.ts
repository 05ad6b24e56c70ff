/**
 * The queue of negatives Q: the keys of the last steps, first in, first out (method section 7.6).
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import type { SafeTensor } from "../formats/safetensors.ts";
import { fused } from "../tensor/fused.ts";
import { enqueue } from "../tensor/ops/info_nce.ts";

/** K keys of size F on the device, rows of length 1. */
export class KeyQueue {
  #keys: Tensor2D;
  #pointer = 0;

  /** @param keys (K, F), row after row. */
  constructor(keys: Float32Array, size: number) {
    this.#keys = tf.keep(tf.tensor2d(Float32Array.from(keys), [keys.length / size, size]));
  }

  /** Q (K, F), owned by this object and gone, or changed, after {@link push}. */
  get keys(): Tensor2D {
    return this.#keys;
  }

  /** Puts a batch of keys (N, F) in the place of the oldest; N divides K. */
  push(keys: Tensor2D): void {
    const old = this.#keys;
    const from = this.#pointer;
    this.#pointer = (from + keys.shape[0]) % old.shape[0];
    const own = fused().inPlace;
    if (own !== undefined) return own.enqueue(old, keys, from);
    this.#keys = tf.keep(enqueue(old, keys, from));
    old.dispose();
  }

  /** Takes other keys (K, F); the next batch goes to their beginning, or to `pointer`. */
  load(keys: Float32Array, pointer = 0): void {
    const old = this.#keys;
    this.#keys = tf.keep(tf.tensor2d(Float32Array.from(keys), old.shape));
    this.#pointer = pointer;
    old.dispose();
  }

  /** The keys and the pointer. */
  async state(): Promise<Map<string, SafeTensor>> {
    const data = Float32Array.from(await this.#keys.data<"float32">());
    return new Map<string, SafeTensor>([
      ["queue", { dtype: "F32", shape: this.#keys.shape, data }],
      ["queue_ptr", { dtype: "I64", shape: [1], data: BigInt64Array.of(BigInt(this.#pointer)) }],
    ]);
  }

  /**
   * Puts back what {@link state} gave.
   *
   * @throws {Error} If it is another queue's.
   */
  restore(state: ReadonlyMap<string, SafeTensor>): void {
    const keys = state.get("queue");
    const pointer = state.get("queue_ptr");
    const shape = this.#keys.shape.join(", ");
    if (keys?.dtype !== "F32" || keys.shape.join(", ") !== shape) {
      throw new Error(`state queue: expected float32 of shape [${shape}]`);
    }
    if (pointer?.dtype !== "I64") throw new Error("state queue_ptr: expected one integer");
    this.load(keys.data, Number(pointer.data[0]));
  }

  /** Frees the keys. */
  dispose(): void {
    this.#keys.dispose();
  }
}
