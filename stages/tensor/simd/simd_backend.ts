/**
 * The `simd` backend: tfjs's own CPU backend, whose tensors may live in the shared memory of a pool of
 * WebAssembly kernels.
 *
 * Every operation that has no kernel of ours runs through the kernels of the `cpu` backend, which see
 * ordinary typed arrays. A tensor that one of our kernels reads is moved into the shared memory when it
 * is first asked for, and stays there; what our kernels write is born there.
 *
 * tfjs's CPU kernels may hand out views of their inputs (a contiguous slice is one). An array that lies
 * in the shared memory therefore keeps its block from being used again, whoever made it.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { DataType, Tensor } from "@tensorflow/tfjs-core";
import { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu";
import type { KernelPool } from "./kernel_pool.ts";

type DataId = Parameters<MathBackendCPU["disposeData"]>[0];

/** A piece of the shared memory, in use by some tensors. */
interface Block {
  readonly pointer: number;
  readonly bytes: number;
  users: number;
}

/** See the module. */
export class SimdBackend extends MathBackendCPU {
  readonly pool: KernelPool;
  /** Blocks by their first byte. */
  readonly #blocks = new Map<number, Block>();
  readonly #blockOf = new WeakMap<DataId, Block>();

  constructor(pool: KernelPool) {
    super();
    this.pool = pool;
  }

  override write(values: tf.backend_util.BackendValues, shape: number[], dtype: DataType): DataId {
    const id = super.write(values, shape, dtype);
    this.#retain(id, values);
    return id;
  }

  override move(
    id: DataId,
    values: tf.backend_util.BackendValues,
    shape: number[],
    dtype: DataType,
    refCount: number,
  ): void {
    super.move(id, values, shape, dtype, refCount);
    this.#retain(id, values);
  }

  override disposeData(id: DataId, force = false): boolean {
    const gone = super.disposeData(id, force);
    const block = this.#blockOf.get(id);
    if (gone && block !== undefined) {
      this.#blockOf.delete(id);
      this.#drop(block);
    }
    return gone;
  }

  /** Values of a tensor; a copy where they lie in the shared memory, whose next user may come soon. */
  override readSync(id: DataId): tf.backend_util.BackendValues {
    const values = super.readSync(id);
    const shared = ArrayBuffer.isView(values) && values.buffer instanceof SharedArrayBuffer;
    return shared ? values.slice() : values;
  }

  override dispose(): void {
    this.pool.stop();
    super.dispose();
  }

  /** Where a tensor's float32 or int32 values are in the shared memory; they are moved there if need be. */
  pointer(tensor: Tensor): number {
    const { dataId } = tensor;
    const entry = this.data.get(dataId);
    const values = entry.values as Float32Array | Int32Array;
    if (values.buffer instanceof SharedArrayBuffer) return values.byteOffset;
    const block = this.#allocate(values.byteLength);
    const { f32, i32 } = this.pool;
    const at = block.pointer / 4;
    const home = values instanceof Int32Array
      ? i32.subarray(at, at + values.length)
      : f32.subarray(at, at + values.length);
    home.set(values);
    entry.values = home;
    block.users++;
    this.#blockOf.set(dataId, block);
    return block.pointer;
  }

  /** A new tensor in the shared memory, its values as they lie there. */
  empty<T extends Tensor = Tensor>(shape: readonly number[]): T {
    const size = shape.reduce((product, n) => product * n, 1);
    const { pointer } = this.#allocate(4 * size);
    const values = this.pool.f32.subarray(pointer / 4, pointer / 4 + size);
    const info = this.makeTensorInfo(shape as number[], "float32", values);
    return tf.engine().makeTensorFromTensorInfo(info) as T;
  }

  #allocate(bytes: number): Block {
    // Room for kernels that read whole vectors at the end.
    const room = (bytes + 15 & ~15) + 16;
    const block: Block = { pointer: this.pool.allocate(room), bytes: room, users: 0 };
    this.#blocks.set(block.pointer, block);
    return block;
  }

  #retain(id: DataId, values: unknown): void {
    if (!ArrayBuffer.isView(values) || !(values.buffer instanceof SharedArrayBuffer)) return;
    const block = this.#blocks.get(values.byteOffset) ?? this.#holding(values.byteOffset);
    if (block === undefined) return;
    block.users++;
    this.#blockOf.set(id, block);
  }

  /** The block that a view begins inside of. */
  #holding(pointer: number): Block | undefined {
    for (const block of this.#blocks.values()) {
      if (block.pointer <= pointer && pointer < block.pointer + block.bytes) return block;
    }
    return undefined;
  }

  #drop(block: Block): void {
    if (--block.users > 0) return;
    this.#blocks.delete(block.pointer);
    this.pool.release(block.pointer, block.bytes);
  }
}

/**
 * The backend in use.
 *
 * @throws {Error} If another than `simd` is.
 */
export function simdBackend(): SimdBackend {
  const backend = tf.backend();
  if (backend instanceof SimdBackend) return backend;
  throw new Error(`expected the simd backend, found ${tf.getBackend()}`);
}
