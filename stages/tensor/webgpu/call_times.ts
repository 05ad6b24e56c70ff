/**
 * How long each call takes on the device, by its own clock (`timestamp-query`): every call gets a pass of
 * its own, whose begin and end the device notes. Calls that might have overlapped then do not.
 *
 * @module
 */
import type { GpuBackend } from "./gpu_backend.ts";

/** A call of a kernel. */
export interface CallTime {
  /** Key of a kernel of ours, or the name of the library's program. */
  readonly kernel: string;
  /** By the device's clock. */
  readonly seconds: number;
}

/** Calls whose times one set holds. */
const CALLS_IN_SET = 2048;

/** Bytes of a time. */
const TIME = 8;

/** What is watched: methods that every call passes through. */
interface Watched {
  commandEncoder: GPUCommandEncoder | null;
  run?(kernel: { readonly key: string }, ...rest: unknown[]): void;
  recordAndSubmit?(program: object, ...rest: unknown[]): void;
  ensureCommandEncoderReady?(): void;
  endComputePassEncoder(): void;
}

/** Whether the backend's device has a clock. */
export function hasCallTimes({ device }: GpuBackend): boolean {
  return device.features.has("timestamp-query");
}

/**
 * The times of all calls that something makes, in order.
 *
 * @param run Makes calls.
 * @throws {Error} If the device has no clock; see {@link hasCallTimes}.
 */
export async function callTimes(
  backend: GpuBackend,
  run: () => void | Promise<void>,
): Promise<CallTime[]> {
  if (!hasCallTimes(backend)) throw new Error("the device has no timestamp-query");
  const { device } = backend;
  const kernels: string[] = [];
  const sets: GPUQuerySet[] = [];
  let kernel = "";

  const stamp = (encoder: GPUCommandEncoder) => {
    const begin = encoder.beginComputePass.bind(encoder);
    encoder.beginComputePass = (descriptor) => {
      const at = (kernels.push(kernel) - 1) % CALLS_IN_SET;
      if (at === 0) {
        sets.push(device.createQuerySet({ type: "timestamp", count: 2 * CALLS_IN_SET }));
      }
      return begin({
        ...descriptor,
        timestampWrites: {
          querySet: sets.at(-1)!,
          beginningOfPassWriteIndex: 2 * at,
          endOfPassWriteIndex: 2 * at + 1,
        },
      });
    };
  };
  backend.submit();
  const watched = backend as unknown as Watched;
  const { run: ownCall, recordAndSubmit, ensureCommandEncoderReady } = watched;
  watched.ensureCommandEncoderReady = () => {
    const known = watched.commandEncoder;
    ensureCommandEncoderReady!.call(backend);
    if (known === null) stamp(watched.commandEncoder!);
  };
  watched.run = (own, ...rest) => {
    kernel = own.key;
    ownCall!.call(backend, own, ...rest);
    watched.endComputePassEncoder();
  };
  watched.recordAndSubmit = (program, ...rest) => {
    kernel = program.constructor.name;
    recordAndSubmit!.call(backend, program, ...rest);
    watched.endComputePassEncoder();
  };
  try {
    await run();
    backend.submit();
  } finally {
    // The class's own methods show again.
    delete watched.ensureCommandEncoderReady;
    delete watched.run;
    delete watched.recordAndSubmit;
  }
  const times = await read(device, sets, kernels.length);
  return kernels.map((name, i) => ({
    kernel: name,
    seconds: Math.max(0, Number(times[2 * i + 1]! - times[2 * i]!)) / 1e9,
  }));
}

/** Begin and end of each call, in nanoseconds. */
async function read(
  device: GPUDevice,
  sets: readonly GPUQuerySet[],
  calls: number,
): Promise<BigUint64Array> {
  if (calls === 0) return new BigUint64Array();
  const size = 2 * TIME * CALLS_IN_SET * sets.length;
  const { QUERY_RESOLVE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
  const found = device.createBuffer({ size, usage: QUERY_RESOLVE | COPY_SRC });
  const readable = device.createBuffer({ size, usage: MAP_READ | COPY_DST });
  const encoder = device.createCommandEncoder();
  sets.forEach((set, i) => {
    const first = i * CALLS_IN_SET;
    const count = 2 * Math.min(CALLS_IN_SET, calls - first);
    encoder.resolveQuerySet(set, 0, count, found, 2 * TIME * first);
  });
  encoder.copyBufferToBuffer(found, 0, readable, 0, size);
  device.queue.submit([encoder.finish()]);
  await readable.mapAsync(GPUMapMode.READ);
  const times = new BigUint64Array(readable.getMappedRange().slice(0));
  for (const one of [found, readable, ...sets]) one.destroy();
  return times;
}
