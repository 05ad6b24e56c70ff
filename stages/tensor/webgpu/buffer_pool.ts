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

interface Free {
  readonly buffer: GPUBuffer;
  /** Submissions before it became free. */
  readonly since: number;
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
  /** By size and usage; the one that became free last is at the end. */
  readonly #free = new Map<string, Free[]>();
  readonly #used = new Set<GPUBuffer>();
  #freeCount = 0;
  #submissions = 0;

  /** @param onDestroy Told of free buffers that are destroyed. */
  constructor(device: GPUDevice, onDestroy: (buffers: ReadonlySet<GPUBuffer>) => void) {
    this.#device = device;
    this.#onDestroy = onDestroy;
  }

  /** A free buffer, or a new one, which alone can be mapped at creation. */
  acquireBuffer(size: number, usage: number, mappedAtCreation = false, reuse = true): GPUBuffer {
    const free = reuse ? this.#free.get(keyOf(size, usage))?.pop() : undefined;
    return this.#take(free, size, usage, mappedAtCreation);
  }

  /** A buffer that no call uses which is recorded and not submitted: it may be written to at once. */
  acquireIdle(size: number, usage: number): GPUBuffer {
    const list = this.#free.get(keyOf(size, usage));
    const idle = list !== undefined && list.length > 0 && list[0]!.since < this.#submissions;
    return this.#take(idle ? list.shift() : undefined, size, usage, false);
  }

  /** Gives a buffer back; unless it is to be used again, it is destroyed. */
  releaseBuffer(buffer: GPUBuffer, reuse = true): void {
    if (!this.#used.delete(buffer)) throw new Error("the buffer is not in use");
    this.numBytesUsed -= buffer.size;
    if (!reuse) {
      this.numBytesAllocated -= buffer.size;
      return buffer.destroy();
    }
    const key = keyOf(buffer.size, buffer.usage);
    const list = this.#free.get(key) ?? [];
    list.push({ buffer, since: this.#submissions });
    this.#free.set(key, list);
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
    for (const buffer of this.#used) buffer.destroy();
    this.#free.clear();
    this.#used.clear();
    this.#freeCount = this.numBytesUsed = this.numBytesAllocated = 0;
  }

  #take(free: Free | undefined, size: number, usage: number, mappedAtCreation: boolean): GPUBuffer {
    let buffer = free?.buffer;
    if (buffer === undefined) {
      buffer = this.#device.createBuffer({ size, usage, mappedAtCreation });
      this.numBytesAllocated += size;
      this.made++;
    } else this.#freeCount--;
    this.#used.add(buffer);
    this.numBytesUsed += size;
    return buffer;
  }

  /** @param submissions Since a buffer became free. */
  #destroyUnused(submissions: number): void {
    const unused: GPUBuffer[] = [];
    for (const [key, list] of this.#free) {
      const first = list.findIndex(({ since }) => since > this.#submissions - submissions);
      const gone = list.splice(0, first < 0 ? list.length : first);
      for (const { buffer } of gone) unused.push(buffer);
      if (list.length === 0) this.#free.delete(key);
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

function keyOf(size: number, usage: number): string {
  return `${size} ${usage}`;
}
