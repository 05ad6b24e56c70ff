/**
 * Numbers on their way to kernels: written side by side on the CPU, and sent in one piece before the
 * calls that read them are submitted.
 *
 * @module
 */
import type { Kernel } from "./kernel_code.ts";

/** Bytes from one slot to the next: what every device can bind at. */
const STRIDE = 256;

/** Calls between two submissions, at most. */
const SLOTS = 1024;

/** One uniform buffer of many slots. */
export class NumberSlots {
  readonly buffer: GPUBuffer;
  /** Bytes of a slot. */
  readonly bytes = STRIDE;
  readonly #queue: GPUQueue;
  readonly #data = new ArrayBuffer(STRIDE * SLOTS);
  readonly #u32 = new Uint32Array(this.#data);
  readonly #f32 = new Float32Array(this.#data);
  #used = 0;

  constructor(device: GPUDevice) {
    this.#queue = device.queue;
    this.buffer = device.createBuffer({
      size: STRIDE * SLOTS,
      usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
    });
  }

  /** Whether another call's numbers find no room before what is waiting is submitted. */
  get full(): boolean {
    return this.#used === SLOTS;
  }

  /**
   * Takes the numbers of a call.
   *
   * @returns Where they will be, in bytes.
   */
  add({ key, floats }: Kernel, numbers: readonly number[]): number {
    if (numbers.length !== floats.length || numbers.length > STRIDE / 4) {
      throw new Error(`${key}: expected ${floats.length} numbers, found ${numbers.length}`);
    }
    const at = this.#used++ * STRIDE;
    numbers.forEach((value, i) => {
      if (floats[i]) this.#f32[at / 4 + i] = value;
      else this.#u32[at / 4 + i] = value;
    });
    return at;
  }

  /** Sends what was taken; to be called before the calls that read it are submitted. */
  send(): void {
    if (this.#used === 0) return;
    this.#queue.writeBuffer(this.buffer, 0, this.#data, 0, this.#used * STRIDE);
    this.#used = 0;
  }
}
