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

/** A slot's part of the numbers that a state holds, and of the buffer. */
interface Part {
  readonly name: string;
  readonly inner: readonly number[];
  readonly size: number;
  /** Where it begins among the numbers of all slots, one after the other. */
  readonly at: number;
  /** Where it begins in the buffer, which may have zeros between parts. */
  readonly place: number;
}

/** A flat buffer and views of it by name. */
export class FlatTensors {
  readonly slots: readonly Slot[];
  /** Numbers of all slots together. */
  readonly size: number;
  readonly #parts: readonly Part[];
  /** Numbers of the buffer (P). */
  readonly #length: number;
  #flat: Tensor1D;
  #views = new Map<string, Tensor>();

  /** @param values First values of all slots, one after the other; may be empty if there are none. */
  constructor(slots: readonly Slot[], values: Float32Array) {
    const own = fused().inPlace;
    const { alignment = 1 } = own ?? {};
    let [at, place] = [0, 0];
    this.slots = slots;
    this.#parts = slots.map(({ name, inner }) => {
      const size = inner.reduce((product, n) => product * n, 1);
      const part = { name, inner, size, at, place };
      at += size;
      place += Math.ceil(size / alignment) * alignment;
      return part;
    });
    this.size = at;
    this.#length = place;
    const spread = this.spread(values);
    this.#flat = tf.keep(own?.place(spread) ?? tf.tensor1d(spread));
    this.#makeViews();
  }

  /**
   * The buffer (P), owned by this object: the numbers of all slots, on some backends with zeros between
   * them, which stay zeros.
   */
  get flat(): Tensor1D {
    return this.#flat;
  }

  /** Numbers of all slots, one after the other, as a buffer holds them. */
  spread(values: Float32Array): Float32Array {
    if (values.length !== this.size) {
      throw new Error(`expected ${this.size} numbers, found ${values.length}`);
    }
    if (this.#length === this.size) return values;
    const spread = new Float32Array(this.#length);
    for (const { at, size, place } of this.#parts) {
      spread.set(values.subarray(at, at + size), place);
    }
    return spread;
  }

  /** The numbers of a buffer without what is between them: always a copy. */
  compact(buffer: Float32Array): Float32Array<ArrayBuffer> {
    if (this.#length === this.size) return Float32Array.from(buffer);
    const values = new Float32Array(this.size);
    for (const { at, size, place } of this.#parts) {
      values.set(buffer.subarray(place, place + size), at);
    }
    return values;
  }

  /** A slot's numbers among those of a buffer. */
  partOf(buffer: Float32Array, name: string): Float32Array {
    const part = this.#parts.find((part) => part.name === name);
    if (part === undefined) throw new Error(`no tensor is called ${name}`);
    return buffer.subarray(part.place, part.place + part.size);
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

  /** Takes other values of all slots, one after the other. */
  load(values: Float32Array): void {
    tf.tidy(() => this.replace(tf.tensor1d(this.spread(values))));
  }

  /**
   * Takes another buffer's numbers (P); unless they are taken in place, the old buffer and its views are
   * freed.
   */
  replace(flat: Tensor1D): void {
    const own = fused().inPlace;
    if (own !== undefined) return own.assign(this.#flat, flat);
    const old = this.#flat;
    this.#freeViews();
    this.#flat = tf.keep(tf.clone(flat));
    old.dispose();
    this.#makeViews();
  }

  /** Moves the buffer to m times itself plus (1 - m) times values, which come by view or as a buffer. */
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
      const own = fused().inPlace;
      for (const { name, inner, size, place } of this.#parts) {
        const view = own?.view?.(this.#flat, place, inner) ??
          tf.reshape(tf.slice(this.#flat, [place], [size]), inner as number[]);
        this.#views.set(name, tf.keep(view));
      }
    });
  }

  #freeViews(): void {
    tf.dispose([...this.#views.values()]);
    this.#views.clear();
  }
}
