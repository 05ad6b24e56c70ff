/**
 * Named tensors that live in one flat buffer, so that an optimiser or a moving average is one pass
 * over memory.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor1D } from "@tensorflow/tfjs-core";
import { fused } from "./fused.ts";
import { ema } from "./ops/ema.ts";
import { sgd, type SgdOptions } from "./ops/sgd.ts";

/** A tensor's place: its name and shape; the order of the list is the order in the buffer. */
export interface Slot {
  readonly name: string;
  readonly inner: readonly number[];
}

/** A flat buffer and views of it by name. */
export class FlatTensors {
  readonly slots: readonly Slot[];
  #flat: Tensor1D;
  #views = new Map<string, Tensor>();

  /** @param values The buffer's first values; may be empty if there are no slots. */
  constructor(slots: readonly Slot[], values: Float32Array) {
    this.slots = slots;
    this.#flat = tf.keep(fused().inPlace?.place(values) ?? tf.tensor1d(values));
    this.#makeViews();
  }

  /** The buffer (P), owned by this object. */
  get flat(): Tensor1D {
    return this.#flat;
  }

  /** All views, in order. */
  get views(): Tensor[] {
    return [...this.#views.values()];
  }

  /** A tensor by name, owned by this object and gone after the buffer's next change. */
  view<T extends Tensor>(name: string): T {
    const view = this.#views.get(name);
    if (view === undefined) throw new Error(`no tensor is called ${name}`);
    return view as T;
  }

  /** Takes other values (P); unless they are taken in place, the old buffer and its views are freed. */
  replace(flat: Tensor1D): void {
    const own = fused().inPlace;
    if (own !== undefined) return own.assign(this.#flat, flat);
    const old = this.#flat;
    this.#freeViews();
    this.#flat = tf.keep(tf.clone(flat));
    old.dispose();
    this.#makeViews();
  }

  /** Moves the buffer to m times itself plus (1 - m) times values, which come by view or as a whole. */
  follow(values: readonly Tensor[], m: number): void {
    const own = fused().inPlace;
    if (own !== undefined) return own.ema(this.#flat, values, m);
    tf.tidy(() => this.replace(ema(this.#flat, this.join(values), m)));
  }

  /**
   * Moves the buffer a step down its gradients, which come by view.
   *
   * @param buffer Momentum buffers (P).
   * @returns The momentum buffers after the step, owned by the caller: `buffer`, changed, or new ones.
   */
  descend(gradients: readonly Tensor[], buffer: Tensor1D, options: SgdOptions): Tensor1D {
    const own = fused().inPlace;
    if (own !== undefined) {
      own.sgd(this.#flat, gradients, buffer, options);
      return buffer;
    }
    return tf.tidy(() => {
      const next = sgd(this.#flat, this.join(gradients), buffer, options);
      this.replace(next.p);
      return next.buffer;
    });
  }

  /** Gradients by view, in order, as one buffer. */
  join(gradients: readonly Tensor[]): Tensor1D {
    if (gradients.length === 0) return tf.tensor1d([]);
    return tf.concat1d(gradients.map((gradient) => tf.reshape(gradient, [gradient.size])));
  }

  /** Frees everything. */
  dispose(): void {
    this.#freeViews();
    this.#flat.dispose();
  }

  #makeViews(): void {
    tf.tidy(() => {
      let at = 0;
      for (const { name, inner } of this.slots) {
        const size = inner.reduce((product, n) => product * n, 1);
        const view = tf.reshape(tf.slice(this.#flat, [at], [size]), inner as number[]);
        this.#views.set(name, tf.keep(view));
        at += size;
      }
    });
  }

  #freeViews(): void {
    tf.dispose([...this.#views.values()]);
    this.#views.clear();
  }
}
