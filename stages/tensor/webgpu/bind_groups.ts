/**
 * What calls bind: a group for each kernel and the places that its tensors have, made once, since making
 * one costs ten times as much as recording a call.
 *
 * @module
 */
import { DeviceMemoryError, type DeviceWatch } from "./device_watch.ts";
import type { Kernel } from "./kernel_code.ts";
import type { NumberSlots } from "./number_slots.ts";
import type { Pipeline } from "./pipelines.ts";

/** Where a tensor's numbers are, in bytes. */
export interface Place {
  readonly buffer: GPUBuffer;
  readonly offset: number;
  readonly size: number;
}

interface Bound {
  readonly group: GPUBindGroup;
  readonly buffers: readonly GPUBuffer[];
}

/** Groups that are remembered. */
const MOST_GROUPS = 1 << 15;

/** Those of one device. */
export class BindGroups {
  readonly #device: GPUDevice;
  readonly #watch: DeviceWatch;
  readonly #slots: NumberSlots;
  readonly #known = new Map<string, Bound>();
  readonly #ids = new WeakMap<GPUBuffer, number>();
  #buffers = 0;

  constructor(device: GPUDevice, watch: DeviceWatch, slots: NumberSlots) {
    this.#device = device;
    this.#watch = watch;
    this.#slots = slots;
  }

  /** Groups that are remembered now. */
  get count(): number {
    return this.#known.size;
  }

  /**
   * The group of a call.
   *
   * @throws {DeviceMemoryError} If a tensor is larger than what the device binds.
   */
  of(kernel: Kernel, { layout, id }: Pipeline, places: readonly Place[]): GPUBindGroup {
    let key = `${id}`;
    for (const { buffer, offset } of places) key += `,${this.#idOf(buffer)}+${offset}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known.group;
    if (this.#known.size >= MOST_GROUPS) this.#known.clear();
    this.#checkSizes(kernel, places);
    const { buffer, bytes: size } = this.#slots;
    const hasNumbers = kernel.floats.length > 0;
    const resources = hasNumbers ? [...places, { buffer, size }] : places;
    const entries = resources.map((resource, binding) => ({ binding, resource }));
    const group = this.#watch.scoped(
      () => `kernel ${kernel.key}`,
      () => this.#device.createBindGroup({ layout, entries }),
    );
    this.#known.set(key, { group, buffers: places.map(({ buffer }) => buffer) });
    return group;
  }

  /** Drops the groups of buffers that are gone: nobody can ask for them again. */
  forget(gone: ReadonlySet<GPUBuffer>): void {
    for (const [key, { buffers }] of this.#known) {
      if (buffers.some((buffer) => gone.has(buffer))) this.#known.delete(key);
    }
  }

  /** A binding that is too large is no fault of the program's: the batch is. */
  #checkSizes({ key }: Kernel, places: readonly Place[]): void {
    const most = this.#device.limits.maxStorageBufferBindingSize;
    const size = places.reduce((largest, place) => Math.max(largest, place.size), 0);
    if (size <= most) return;
    const mib = (bytes: number) => Math.ceil(bytes / 2 ** 20);
    throw new DeviceMemoryError(
      `kernel ${key}: expected tensors of at most ${
        mib(most)
      } MiB, which is what this adapter binds, ` +
        `found one of ${mib(size)} MiB; use a smaller batch`,
    );
  }

  #idOf(buffer: GPUBuffer): number {
    let id = this.#ids.get(buffer);
    if (id === undefined) this.#ids.set(buffer, id = this.#buffers++);
    return id;
  }
}
