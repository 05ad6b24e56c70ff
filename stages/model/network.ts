/**
 * The tensors of one network on the device: trained ones, idle ones and running statistics, each kind
 * in a flat buffer.
 *
 * @module
 */
import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { SafeTensor } from "../formats/safetensors.ts";
import { FlatTensors } from "../tensor/flat_tensors.ts";
import type { BatchStatistics } from "../tensor/ops/batch_norm.ts";
import { readTensors } from "../tensor/read_tensors.ts";
import { toDevice, toTorch } from "./arrangement.ts";
import { type ParameterSpec, volume } from "./parameters.ts";
import type { Named } from "./pass.ts";

/** Share of a new batch in the running statistics. */
export const STATISTICS_MOMENTUM = 0.1;

const COUNTER = "num_batches_tracked";

/** Batch normalisations that always run together: the backbone's, or those of one small network. */
function groupOf(name: string): string {
  return name.startsWith("backbone.") ? "backbone" : name.split(".mlp.")[0]!;
}

/** A network's tensors, by PyTorch name. */
export class Network implements Named {
  readonly #specs: readonly ParameterSpec[];
  readonly #home = new Map<string, FlatTensors>();
  readonly #trained: FlatTensors;
  readonly #idle: FlatTensors;
  readonly #running = new Map<string, FlatTensors>();
  readonly #batches = new Map<string, number>();

  /** @param values First values of each tensor, in PyTorch's order. */
  constructor(specs: readonly ParameterSpec[], values: (spec: ParameterSpec) => Float32Array) {
    this.#specs = specs;
    const flat = (chosen: readonly ParameterSpec[]) => {
      const buffer = new Float32Array(chosen.reduce((size, { shape }) => size + volume(shape), 0));
      let at = 0;
      for (const spec of chosen) {
        buffer.set(toDevice(spec, values(spec)), at);
        at += volume(spec.shape);
      }
      const tensors = new FlatTensors(chosen, buffer);
      for (const { name } of chosen) this.#home.set(name, tensors);
      return tensors;
    };
    this.#trained = flat(specs.filter(({ role }) => role === "trained"));
    this.#idle = flat(specs.filter(({ role }) => role === "idle"));
    const statistics = specs.filter(({ role }) => role === "mean" || role === "variance");
    for (const group of new Set(statistics.map(({ name }) => groupOf(name)))) {
      this.#running.set(group, flat(statistics.filter(({ name }) => groupOf(name) === group)));
      this.#batches.set(group, 0);
    }
  }

  get<T extends Tensor>(name: string): T {
    return this.#tensors(name).view<T>(name);
  }

  /** What gradients train, in one buffer. */
  get trained(): FlatTensors {
    return this.#trained;
  }

  /**
   * Takes batch statistics into the running ones of a group, and frees them.
   *
   * @param found Of the group's normalisations, in order.
   * @param share Of the new batch: 0.1 in training.
   */
  track(group: string, found: readonly BatchStatistics[], share = STATISTICS_MOMENTUM): void {
    const running = this.#running.get(group)!;
    const tensors = found.flatMap(({ mean, variance }) => [mean, variance]);
    if (tensors.length !== running.slots.length) {
      throw new Error(`${group}: statistics are missing`);
    }
    running.follow(tensors, 1 - share);
    tf.dispose(tensors);
    this.#batches.set(group, this.#batches.get(group)! + 1);
  }

  /** Moves all tensors to m times their value plus (1 - m) times `other`'s; copies the counters. */
  follow(other: Network, m: number): void {
    const move = (own: FlatTensors, its: FlatTensors) => own.follow([its.flat], m);
    move(this.#trained, other.#trained);
    move(this.#idle, other.#idle);
    for (const [group, own] of this.#running) {
      move(own, other.#running.get(group)!);
      this.#batches.set(group, other.#batches.get(group)!);
    }
  }

  /** All tensors by PyTorch name and shape, with the counters of batch normalisations. */
  async weights(): Promise<Map<string, SafeTensor>> {
    const found = new Map<string, SafeTensor>();
    const buffers = await this.#read();
    for (const spec of this.#specs) {
      const { name, shape, role } = spec;
      const home = this.#tensors(name);
      const values = Float32Array.from(home.partOf(buffers.get(home)!, name));
      found.set(name, { dtype: "F32", shape, data: toTorch(spec, values) });
      if (role === "variance") {
        const counter = name.replace("running_var", COUNTER);
        const batches = BigInt64Array.of(BigInt(this.#batches.get(groupOf(name))!));
        found.set(counter, { dtype: "I64", shape: [], data: batches });
      }
    }
    return found;
  }

  /**
   * Takes tensors as {@link weights} gives them.
   *
   * @throws {Error} If one is missing or of another shape, naming it; tensors that the network does
   * not have are left alone.
   */
  load(weights: ReadonlyMap<string, SafeTensor>): void {
    const values = new Map<FlatTensors, Float32Array[]>();
    for (const spec of this.#specs) {
      const { name, shape, role } = spec;
      const tensor = weights.get(name);
      const expected = `expected float32 of shape [${shape.join(", ")}]`;
      if (tensor === undefined) throw new Error(`${name}: ${expected}, found no such tensor`);
      if (tensor.dtype !== "F32" || tensor.shape.join() !== shape.join()) {
        throw new Error(`${name}: ${expected}, found ${tensor.dtype} [${tensor.shape.join(", ")}]`);
      }
      const home = this.#tensors(name);
      values.set(home, [...(values.get(home) ?? []), toDevice(spec, tensor.data)]);
      const counter = weights.get(name.replace("running_var", COUNTER));
      if (role === "variance" && counter?.dtype === "I64") {
        this.#batches.set(groupOf(name), Number(counter.data[0]));
      }
    }
    for (const [home, parts] of values) home.load(joined(parts));
  }

  /** Everything, flat, in a fixed order; see {@link restore}. */
  async state(): Promise<Map<string, SafeTensor>> {
    const state = new Map<string, SafeTensor>();
    const buffers = await this.#read();
    for (const [name, tensors] of this.#buffers()) {
      const data = tensors.compact(buffers.get(tensors)!);
      state.set(name, { dtype: "F32", shape: [data.length], data });
    }
    const batches = BigInt64Array.from([...this.#batches.values()].map(BigInt));
    state.set("batches", { dtype: "I64", shape: [batches.length], data: batches });
    return state;
  }

  /**
   * Puts back what {@link state} gave.
   *
   * @throws {Error} If it is another network's.
   */
  restore(state: ReadonlyMap<string, SafeTensor>): void {
    for (const [name, tensors] of this.#buffers()) {
      const tensor = state.get(name);
      if (tensor?.dtype !== "F32" || tensor.data.length !== tensors.size) {
        throw new Error(`state ${name}: expected ${tensors.size} float32 values`);
      }
      tensors.load(joined([tensor.data]));
    }
    const counters = state.get("batches");
    if (counters?.dtype !== "I64" || counters.data.length !== this.#batches.size) {
      throw new Error(`state batches: expected ${this.#batches.size} counters`);
    }
    [...this.#batches.keys()].forEach((group, i) =>
      this.#batches.set(group, Number(counters.data[i]))
    );
  }

  /** Frees everything. */
  dispose(): void {
    for (const [, tensors] of this.#buffers()) tensors.dispose();
  }

  #tensors(name: string): FlatTensors {
    const home = this.#home.get(name);
    if (home === undefined) throw new Error(`no tensor is called ${name}`);
    return home;
  }

  /** All buffers, read back at once. */
  async #read(): Promise<Map<FlatTensors, Float32Array>> {
    const buffers = [...this.#buffers()].map(([, tensors]) => tensors);
    const values = await readTensors(buffers.map(({ flat }) => flat));
    return new Map(buffers.map((tensors, i) => [tensors, values[i]!]));
  }

  *#buffers(): Iterable<[string, FlatTensors]> {
    yield ["trained", this.#trained];
    yield ["idle", this.#idle];
    for (const [group, tensors] of this.#running) yield [`running/${group}`, tensors];
  }
}

/** Arrays one after the other, copied. */
function joined(parts: readonly Float32Array[]): Float32Array {
  const buffer = new Float32Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    buffer.set(part, at);
    at += part.length;
  }
  return buffer;
}
