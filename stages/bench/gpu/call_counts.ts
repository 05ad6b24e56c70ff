/**
 * How many calls of kernels something makes, and how many bytes they are given: those of ours and the
 * library's alike. Arithmetic of a step is the same in either way of computing it; what differs is how often
 * a number goes to memory and back, and how often the device is told what to do.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { CallCount, GpuBackend } from "../../tensor/webgpu/gpu_backend.ts";

/** What a piece of work came to. */
export interface CallCounts {
  /** By a kernel's key, or the name of the library's program. */
  readonly kernels: ReadonlyMap<string, CallCount>;
  /** Of memory into memory; bytes are those of one side. */
  readonly copies: CallCount;
  /** Buffers that the CPU wrote. */
  readonly uploads: CallCount;
  readonly submissions: number;
}

/** All calls of a count together. */
export function allCalls({ kernels }: CallCounts): CallCount {
  const all = { calls: 0, bytes: 0 };
  for (const { calls, bytes } of kernels.values()) {
    all.calls += calls;
    all.bytes += bytes;
  }
  return all;
}

/** Methods that all work passes through. */
interface Watched {
  commandEncoder: GPUCommandEncoder | null;
  recordAndSubmit?(
    program: object,
    output: TensorInfo,
    inputs: TensorInfo[],
    ...rest: unknown[]
  ): void;
  ensureCommandEncoderReady?(): void;
}

/** What some device function is, so that another may take its place for a while. */
interface Queue {
  submit?: GPUQueue["submit"];
  writeBuffer?: GPUQueue["writeBuffer"];
}

/** How to count. */
export interface CountOptions {
  /**
   * Record calls and let none run (default: they run): counts do not depend on numbers, and a batch that
   * would take hours, or more memory than there is, can be counted. What was computed before is not to be
   * used afterwards.
   */
  readonly idle?: boolean;
}

/**
 * Counts.
 *
 * @param run Makes calls; it must not wait for their results where they do not run.
 */
export function countCalls(
  backend: GpuBackend,
  run: () => void,
  { idle = false }: CountOptions = {},
): CallCounts {
  const kernels = new Map<string, CallCount>();
  const copies = { calls: 0, bytes: 0 }, uploads = { calls: 0, bytes: 0 };
  let submissions = 0;
  const add = (to: { calls: number; bytes: number }, bytes: number) => {
    to.calls++;
    to.bytes += bytes;
  };
  backend.submit();
  const watched = backend as unknown as Watched;
  const queue = backend.device.queue as Queue;
  const { recordAndSubmit, ensureCommandEncoderReady } = watched;
  const { submit, writeBuffer } = queue;
  watched.recordAndSubmit = (program, output, inputs, ...rest) => {
    const name = program.constructor.name;
    const count = kernels.get(name) ?? { calls: 0, bytes: 0 };
    add(count, [output, ...inputs].reduce((sum, tensor) => sum + bytesOf(tensor), 0));
    kernels.set(name, count);
    recordAndSubmit!.call(backend, program, output, inputs, ...rest);
  };
  watched.ensureCommandEncoderReady = () => {
    const known = watched.commandEncoder;
    ensureCommandEncoderReady!.call(backend);
    const encoder = watched.commandEncoder!;
    if (known === encoder) return;
    const copy = encoder.copyBufferToBuffer as (...args: unknown[]) => void;
    encoder.copyBufferToBuffer = (...args: unknown[]) => {
      add(copies, args[4] as number);
      copy.apply(encoder, args);
    };
  };
  queue.submit = (buffers) => {
    submissions++;
    if (!idle) submit!.call(queue as GPUQueue, buffers);
  };
  queue.writeBuffer = (...args) => {
    add(uploads, args[4] ?? args[2].byteLength);
    writeBuffer!.apply(queue as GPUQueue, args);
  };
  const profile = backend.profile;
  backend.profile = kernels;
  try {
    run();
    backend.submit();
  } finally {
    // The classes' own methods show again.
    delete watched.recordAndSubmit;
    delete watched.ensureCommandEncoderReady;
    delete queue.submit;
    delete queue.writeBuffer;
    backend.profile = profile;
  }
  return { kernels, copies, uploads, submissions };
}

function bytesOf({ shape, dtype }: TensorInfo): number {
  return tf.util.sizeFromShape(shape) * tf.util.bytesPerElement(dtype);
}
