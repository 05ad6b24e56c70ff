/**
 * Memory of the device: buffers that are used again for tensors of their size, and destroyed when nothing
 * of that size has been wanted for long.
 *
 * It stands in for the library's own manager, which never gives a size back.
 *
 * @module
 */

/** Submissions after which a free buffer that nobody wanted is destroyed. */
const KEPT_SUBMISSIONS = 512;

/** Submissions between two looks for such buffers. */
const BETWEEN_LOOKS = 64;

/** A buffer, in use or free. */
interface Owned {
  readonly buffer: GPUBuffer;
  /** Buffers that were made before it. */
  readonly id: number;
  /** Whose it is: size, usage, and whether it is written to at once. */
  readonly kind: string;
  /** Submissions before it became free. */
  since: number;
}

/** Buffers of one device. */
export class BufferPool {
  /** Bytes of buffers in use. */
  numBytesUsed = 0;
  /** Bytes of all buffers that are not destroyed. */
  numBytesAllocated = 0;
  /** Buffers that were ever made. */
  made = 0;
  readonly #device: GPUDevice;
  readonly #onDestroy: (buffers: ReadonlySet<GPUBuffer>) => void;
  /**
   * By kind, the oldest last. Which buffer is next hangs on which are free and not on the order in which
   * they became so: steps that want the same get the same, and so the bind groups of the step before.
   */
  readonly #free = new Map<string, Owned[]>();
  readonly #used = new Map<GPUBuffer, Owned>();
  #freeCount = 0;
  #submissions = 0;

  /** @param onDestroy Told of free buffers that are destroyed. */
  constructor(device: GPUDevice, onDestroy: (buffers: ReadonlySet<GPUBuffer>) => void) {
    this.#device = device;
    this.#onDestroy = onDestroy;
  }

  /** A free buffer, or a new one, which alone can be mapped at creation. */
  acquireBuffer(size: number, usage: number, mappedAtCreation = false, reuse = true): GPUBuffer {
    const kind = `${size} ${usage}`;
    const free = reuse ? this.#free.get(kind)?.pop() : undefined;
    return this.#take(free, kind, size, usage, mappedAtCreation);
  }

  /** A buffer that no call uses which is recorded and not submitted: it may be written to at once. */
  acquireIdle(size: number, usage: number): GPUBuffer {
    const kind = `written ${size} ${usage}`;
    const list = this.#free.get(kind) ?? [];
    const idle = list.findLastIndex(({ since }) => since < this.#submissions);
    return this.#take(idle < 0 ? undefined : list.splice(idle, 1)[0], kind, size, usage, false);
  }

  /** Gives a buffer back; unless it is to be used again, it is destroyed. */
  releaseBuffer(buffer: GPUBuffer, reuse = true): void {
    const owned = this.#used.get(buffer);
    if (owned === undefined) throw new Error("the buffer is not in use");
    this.#used.delete(buffer);
    this.numBytesUsed -= buffer.size;
    if (!reuse) {
      this.numBytesAllocated -= buffer.size;
      return buffer.destroy();
    }
    const list = this.#free.get(owned.kind) ?? [];
    owned.since = this.#submissions;
    const before = list.findLastIndex(({ id }) => id > owned.id);
    list.splice(before + 1, 0, owned);
    this.#free.set(owned.kind, list);
    this.#freeCount++;
  }

  /** To be called after each submission. */
  submitted(): void {
    if (++this.#submissions % BETWEEN_LOOKS === 0) this.#destroyUnused(KEPT_SUBMISSIONS);
  }

  /** Destroys all free buffers that no recorded call uses. */
  trim(): void {
    this.#destroyUnused(1);
  }

  /** Buffers in use. */
  getNumUsedBuffers(): number {
    return this.#used.size;
  }

  /** Buffers that are free. */
  getNumFreeBuffers(): number {
    return this.#freeCount;
  }

  /** Destroys everything. */
  dispose(): void {
    for (const list of this.#free.values()) for (const { buffer } of list) buffer.destroy();
    for (const buffer of this.#used.keys()) buffer.destroy();
    this.#free.clear();
    this.#used.clear();
    this.#freeCount = this.numBytesUsed = this.numBytesAllocated = 0;
  }

  #take(
    free: Owned | undefined,
    kind: string,
    size: number,
    usage: number,
    mappedAtCreation: boolean,
  ): GPUBuffer {
    let owned = free;
    if (owned === undefined) {
      const buffer = this.#device.createBuffer({ size, usage, mappedAtCreation });
      owned = { buffer, id: this.made++, kind, since: 0 };
      this.numBytesAllocated += size;
    } else this.#freeCount--;
    this.#used.set(owned.buffer, owned);
    this.numBytesUsed += size;
    return owned.buffer;
  }

  /** @param submissions Since a buffer became free. */
  #destroyUnused(submissions: number): void {
    const unused: GPUBuffer[] = [];
    for (const [kind, list] of this.#free) {
      const kept = list.filter(({ since }) => since > this.#submissions - submissions);
      if (kept.length === list.length) continue;
      for (const owned of list) if (!kept.includes(owned)) unused.push(owned.buffer);
      if (kept.length === 0) this.#free.delete(kind);
      else this.#free.set(kind, kept);
    }
    if (unused.length === 0) return;
    this.#freeCount -= unused.length;
    for (const buffer of unused) {
      this.numBytesAllocated -= buffer.size;
      buffer.destroy();
    }
    this.#onDestroy(new Set(unused));
  }
}
