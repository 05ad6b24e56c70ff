/**
 * Which WebAssembly features this Deno and CPU have, found by validating a tiny module of each.
 *
 * @module
 */

/** A module with one function `() -> v128` of the given instructions. */
function moduleOf(instructions: readonly number[]): Uint8Array<ArrayBuffer> {
  const body = [0, ...instructions, 0x0b];
  const section = (id: number, bytes: readonly number[]) => [id, bytes.length, ...bytes];
  return new Uint8Array([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 0, 1, 0x7b]),
    ...section(3, [1, 0]),
    ...section(10, [1, body.length, ...body]),
  ]);
}

/** `i32.const 0; i32x4.splat`: four lanes of zero. */
const SPLAT = [0x41, 0, 0xfd, 0x11];

/** `f32x4.relaxed_madd`, opcode 0x105. */
const RELAXED_MADD = [0xfd, 0x85, 0x02];

/** What WebAssembly can do here. */
export interface WasmFeatures {
  readonly simd: boolean;
  readonly relaxedSimd: boolean;
  /** Memory shared between Workers. */
  readonly sharedMemory: boolean;
}

/** Probes the features; takes well under a millisecond. */
export function wasmFeatures(): WasmFeatures {
  let sharedMemory = false;
  try {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
    sharedMemory = memory.buffer instanceof SharedArrayBuffer;
  } catch {
    sharedMemory = false;
  }
  return {
    simd: WebAssembly.validate(moduleOf(SPLAT)),
    relaxedSimd: WebAssembly.validate(moduleOf([...SPLAT, ...SPLAT, ...SPLAT, ...RELAXED_MADD])),
    sharedMemory,
  };
}
