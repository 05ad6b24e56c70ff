/**
 * The `webgpu` backend: tfjs's own, with kernels of ours beside its own.
 *
 * What this adds: kernels with any number of outputs, numbers of all calls sent in one piece, bind
 * groups that are made once, tensors that are views of other tensors, and memory that is used again at
 * once. Calls of one queue run in their order, so a tensor's memory may go to another as soon as the
 * last call that needs it has been recorded. Numbers that are sent overtake the calls that wait, so they
 * go to memory that none of those uses.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { DataType, Tensor, TensorInfo } from "@tensorflow/tfjs-core";
import { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import { BindGroups, type Place } from "./bind_groups.ts";
import { BufferPool } from "./buffer_pool.ts";
import { DeviceClock } from "./device_clock.ts";
import { DeviceWatch, kernelNames } from "./device_watch.ts";
import type { Kernel } from "./kernel_code.ts";
import { NumberSlots } from "./number_slots.ts";
import { Pipelines } from "./pipelines.ts";

type DataId = Parameters<WebGPUBackend["disposeData"]>[0];

/** What the library calls private. */
interface Internals {
  bufferManager: BufferPool;
  commandEncoder: GPUCommandEncoder | null;
  computePassEncoder: GPUComputePassEncoder | null;
  commandQueueOwnedIds: Pick<WeakSet<object>, "add" | "has">;
  dispatchCountInPass: number;
}

/** Calls before a submission, at most. */
export const CALLS_IN_SUBMISSION = 256;

/** A piece of another tensor's memory. */
interface View {
  readonly owner: DataId;
  /** Bytes from the owner's beginning: a multiple of {@link VIEW_ALIGNMENT} numbers. */
  readonly offset: number;
  readonly bytes: number;
}

/** Numbers that a view's beginning is a multiple of, since devices bind at 256 bytes. */
export const VIEW_ALIGNMENT = 64;

/** How a kernel is called. */
export interface KernelCall {
  /** In the order of the kernel's bindings. */
  readonly tensors: readonly Tensor[];
  readonly groups: readonly [x: number, y: number, z: number];
  /** In the order of the kernel's numbers. */
  readonly numbers?: readonly number[];
}

/** What some kernel's calls came to. */
export interface CallCount {
  calls: number;
  /** Bytes of all tensors that were bound. */
  bytes: number;
}

/** What a backend holds on its device. */
export interface Holdings {
  /** Buffers, in use and free. */
  readonly buffers: number;
  /** Buffers that were ever made. */
  readonly made: number;
  /** Bytes of those in use. */
  readonly bytesUsed: number;
  /** Bytes of all. */
  readonly bytesAllocated: number;
  /** Bind groups that are remembered. */
  readonly bindGroups: number;
}

const OWNS_NOTHING: Internals["commandQueueOwnedIds"] = {
  add: () => undefined!,
  has: () => false,
};

/** See the module. */
export class GpuBackend extends WebGPUBackend {
  /** Where calls are counted by kernel, while anybody wants to know. */
  profile: Map<string, CallCount> | undefined;
  /** Calls before a submission, at most. */
  callsInSubmission = CALLS_IN_SUBMISSION;
  /** How often calls were submitted. */
  submissions = 0;
  /** How often buffers were read back, each a wait for the device. */
  readbacks = 0;
  /** Hears what goes wrong; whoever maps a buffer by himself awaits it through `watch.outcome`. */
  readonly watch: DeviceWatch;
  /** In tests: other text for a kernel when it is compiled, so that faults can be made. */
  rewrite: ((kernel: Kernel) => string | undefined) | undefined;
  /** Kernels recorded since the last submission. */
  readonly #recorded = new Set<string>();
  readonly #slots: NumberSlots;
  readonly #pipelines: Pipelines;
  readonly #groups: BindGroups;
  readonly #pool: BufferPool;
  readonly #clock = new DeviceClock();
  readonly #views = new WeakMap<DataId, View>();
  /** Views whose memory the library wanted to have of its own, by owner. */
  readonly #copies = new WeakMap<DataId, Set<DataId>>();

  constructor(device: GPUDevice, info: GPUAdapterInfo) {
    super(device, info);
    this.watch = new DeviceWatch(device, info.description || "the WebGPU adapter");
    this.#slots = new NumberSlots(device);
    this.#pipelines = new Pipelines(device, this.watch, (kernel) => this.rewrite?.(kernel));
    this.#groups = new BindGroups(device, this.watch, this.#slots);
    this.#pool = new BufferPool(device, (gone) => this.#groups.forget(gone));
    this.#internals.bufferManager = this.#pool;
    this.#internals.commandQueueOwnedIds = OWNS_NOTHING;
  }

  /** A new tensor of float32, or of another type; what is in it is not defined. */
  empty<T extends Tensor = Tensor>(shape: readonly number[], dtype: DataType = "float32"): T {
    const info = this.makeTensorInfo(shape as number[], dtype);
    this.uploadToGPU(info.dataId);
    return tf.engine().makeTensorFromTensorInfo(info) as T;
  }

  /**
   * A tensor that is a piece of another: what is written to one is in the other.
   *
   * @param at Its first number, a multiple of {@link VIEW_ALIGNMENT}.
   * @throws {RangeError} If it begins elsewhere, or ends beyond the other.
   */
  view<T extends Tensor = Tensor>(of: Tensor, at: number, shape: readonly number[]): T {
    const size = shape.reduce((product, n) => product * n, 1);
    if (at % VIEW_ALIGNMENT !== 0 || at + size > of.size) {
      throw new RangeError(`a view of ${size} numbers from ${at} on does not fit ${of.size}`);
    }
    this.uploadToGPU(of.dataId);
    const info = this.makeTensorInfo(shape as number[], of.dtype);
    this.#views.set(info.dataId, { owner: of.dataId, offset: 4 * at, bytes: 4 * size });
    return tf.engine().makeTensorFromTensorInfo(info) as T;
  }

  /** Records a call of a kernel; it runs when calls are submitted, in order. */
  run(kernel: Kernel, { tensors, groups, numbers = [] }: KernelCall): void {
    if (this.#slots.full) this.submit();
    for (const { dataId, dtype } of tensors) this.#checkType(kernel, dataId, dtype);
    const places = tensors.map((tensor) => this.#placeOf(tensor));
    const compiled = this.#pipelines.of(kernel);
    const group = this.#groups.of(kernel, compiled, places);
    this.ensureCommandEncoderReady();
    const own = this.#internals;
    const pass = own.computePassEncoder ??= own.commandEncoder!.beginComputePass();
    pass.setPipeline(compiled.pipeline);
    const hasNumbers = kernel.floats.length > 0;
    pass.setBindGroup(0, group, hasNumbers ? [this.#slots.add(kernel, numbers)] : []);
    pass.dispatchWorkgroups(...groups);
    this.#recorded.add(kernel.key);
    kernel.code.bindings.forEach(({ write }, i) => write && this.#changed(tensors[i]!));
    if (this.profile !== undefined) this.#count(kernel, places);
    if (++own.dispatchCountInPass >= this.callsInSubmission) this.submit();
  }

  /** Copies numbers from one tensor into another, in order with the calls. */
  copy(from: Tensor, to: Tensor, at = 0, count = from.size): void {
    const [source, target] = [this.#placeOf(from), this.#placeOf(to)];
    this.ensureCommandEncoderReady();
    this.endComputePassEncoder();
    this.#internals.commandEncoder!.copyBufferToBuffer(
      source.buffer,
      source.offset,
      target.buffer,
      target.offset + 4 * at,
      4 * count,
    );
    this.#changed(to);
  }

  /** Submits what was recorded. */
  submit(): void {
    if (this.#internals.commandEncoder === null) return;
    this.endComputePassEncoder();
    this.submitQueue();
  }

  override submitQueue(): void {
    this.submissions++;
    this.#slots.send();
    const recorded = [...this.#recorded];
    this.#recorded.clear();
    const submit = () => this.#clock.handing(() => super.submitQueue());
    this.watch.scoped(() => kernelNames(recorded), submit);
    this.watch.check();
    this.#internals.commandQueueOwnedIds = OWNS_NOTHING;
    this.#pool.submitted();
  }

  override uploadToGPU(id: DataId): void {
    const view = this.#views.get(id);
    const data = this.tensorMap.get(id);
    if (data.resource != null) return;
    if (view === undefined) return data.values == null ? super.uploadToGPU(id) : this.#write(id);
    // The library knows no views: it gets a copy, for as long as the original does not change.
    super.uploadToGPU(id);
    const owner = this.tensorMap.get(view.owner).resource as GPUBuffer;
    const copy = this.tensorMap.get(id).resource as GPUBuffer;
    this.ensureCommandEncoderReady();
    this.endComputePassEncoder();
    const encoder = this.#internals.commandEncoder!;
    encoder.copyBufferToBuffer(owner, view.offset, copy, 0, view.bytes);
    const copies = this.#copies.get(view.owner) ?? new Set();
    this.#copies.set(view.owner, copies.add(id));
  }

  /**
   * Reads tensors of float32 back with one wait for the device.
   *
   * @returns Their numbers, by tensor.
   */
  async readAll(tensors: readonly Tensor[]): Promise<Float32Array[]> {
    const some = tensors.filter(({ size }) => size > 0);
    const places = some.map((tensor) => this.#placeOf(tensor));
    const bytes = places.reduce((sum, { size }) => sum + size, 0);
    if (bytes === 0) return tensors.map(() => new Float32Array(0));
    const staging = this.#pool.acquireBuffer(
      bytes,
      GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ,
    );
    this.ensureCommandEncoderReady();
    this.endComputePassEncoder();
    let at = 0;
    for (const { buffer, offset, size } of places) {
      this.#internals.commandEncoder!.copyBufferToBuffer(buffer, offset, staging, at, size);
      at += size;
    }
    this.submit();
    await this.#waitFor(staging.mapAsync(GPUMapMode.READ));
    const all = new Float32Array(staging.getMappedRange().slice(0));
    staging.unmap();
    this.#pool.releaseBuffer(staging);
    at = 0;
    return tensors.map(({ size }) => all.subarray(at, at += size));
  }

  /** Destroys all memory that is free: what follows has other shapes. */
  trim(): void {
    this.submit();
    this.#pool.submitted(); // also what was freed since: no call waits
    this.#pool.trim();
  }

  /** Milliseconds that the program has waited for the device. */
  get waitedMs(): number {
    return this.#clock.ms;
  }

  /** What the device's memory and the calls' bindings come to. */
  get holdings(): Holdings {
    const { numBytesUsed: bytesUsed, numBytesAllocated: bytesAllocated, made } = this.#pool;
    const buffers = this.#pool.getNumUsedBuffers() + this.#pool.getNumFreeBuffers();
    return { buffers, made, bytesUsed, bytesAllocated, bindGroups: this.#groups.count };
  }

  /** The values of a tensor; they are not remembered, since a kernel of ours may change them. */
  override async read(id: DataId): Promise<tf.backend_util.BackendValues> {
    const data = this.tensorMap.get(id);
    if (data.values != null) return data.values;
    this.uploadToGPU(id);
    const bytes = await this.#waitFor(this.getBufferData(data.resource as GPUBuffer));
    return tf.util.convertBackendValuesAndArrayBuffer(bytes, data.dtype);
  }

  /** Views have their numbers on the device, though the library sees none there. */
  override shouldExecuteOnCPU(inputs: TensorInfo[], sizeThreshold?: number): boolean {
    return !inputs.some(({ dataId }) => this.#views.has(dataId)) &&
      super.shouldExecuteOnCPU(inputs, sizeThreshold);
  }

  override disposeData(id: DataId, force = false): boolean {
    const view = this.#views.get(id);
    const gone = super.disposeData(id, force);
    if (gone && view !== undefined) {
      this.#views.delete(id);
      this.#copies.get(view.owner)?.delete(id);
    }
    return gone;
  }

  get #internals(): Internals {
    return this as unknown as Internals;
  }

  #placeOf({ dataId }: TensorInfo): Place {
    const view = this.#views.get(dataId);
    if (view !== undefined) {
      const buffer = this.tensorMap.get(view.owner).resource as GPUBuffer;
      return { buffer, offset: view.offset, size: view.bytes };
    }
    this.uploadToGPU(dataId);
    const buffer = this.tensorMap.get(dataId).resource as GPUBuffer;
    return { buffer, offset: 0, size: buffer.size };
  }

  /** A tensor was written to: copies that the library has of its pieces hold no longer. */
  #changed({ dataId }: TensorInfo): void {
    const owner = this.#views.get(dataId)?.owner ?? dataId;
    const copies = this.#copies.get(owner);
    if (copies === undefined) return;
    for (const id of copies) {
      const data = this.tensorMap.get(id);
      this.bufferManager.releaseBuffer(data.resource as GPUBuffer);
      data.resource = undefined!;
    }
    this.#copies.delete(owner);
  }

  /**
   * The library lets whole numbers pass for float32 under another name (`tf.cast`), and converts them in
   * its own kernels; one of ours would take their bits for floats.
   */
  #checkType({ key }: Kernel, id: DataId, dtype: DataType): void {
    const found = this.tensorMap.get(id).dtype;
    if (found === dtype) return;
    throw new Error(
      `kernel ${key}: expected a tensor that holds ${dtype}, found ${found} cast to it: make it of ` +
        `${dtype} at once, or by an operation that computes`,
    );
  }

  /** Gives a tensor memory and its numbers, by way of memory that no recorded call uses. */
  #write(id: DataId): void {
    const data = this.tensorMap.get(id);
    const { dtype } = data;
    const values = data.values as Float32Array | Int32Array | Uint8Array;
    if (values.length === 0 || (dtype !== "float32" && dtype !== "int32" && dtype !== "bool")) {
      return super.uploadToGPU(id);
    }
    const array = dtype === "float32" ? Float32Array : Int32Array;
    const numbers = values instanceof array ? values : array.from(values);
    const buffer = this.#pool.acquireIdle(
      numbers.byteLength,
      GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
    );
    this.device.queue.writeBuffer(buffer, 0, numbers as BufferSource);
    data.resource = buffer;
    data.values = undefined!;
  }

  /** Waits for the device, and counts that. */
  async #waitFor<T>(given: Promise<T>): Promise<T> {
    this.readbacks++;
    return await this.#clock.during(() => this.watch.outcome(given));
  }

  #count({ key }: Kernel, places: readonly Place[]): void {
    const count = this.profile!.get(key) ?? { calls: 0, bytes: 0 };
    count.calls++;
    for (const { size } of places) count.bytes += size;
    this.profile!.set(key, count);
  }
}

/**
 * The backend in use.
 *
 * @throws {Error} If another than `webgpu` is.
 */
export function gpuBackend(): GpuBackend {
  const backend = tf.backend();
  if (backend instanceof GpuBackend) return backend;
  throw new Error(`expected the webgpu backend, found ${tf.getBackend()}`);
}
