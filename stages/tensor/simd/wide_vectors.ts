/**
 * Whether the kernels do better with wide tiles.
 *
 * WebAssembly's vectors are of 128 bits. V8 on x86-64 joins two that are treated alike in registers of 256 bits,
 * if it is told to as it starts; the runner tells the children in which kernels work
 * (`pipeline/executors/engine_flags.ts`). A tile of 6 x 16 numbers then fills its registers as one of 6 x 8 does
 * without. The numbers that come out are the same to the last bit.
 *
 * @module
 */

/** A function that is there where V8 was started so: of the flags, the one whose effect a program sees. */
export const MARK = "joinsVectors";

/** True where V8 was started so, and where there are registers enough in any case. */
export function vectorsAreWide(): boolean {
  return Deno.build.arch !== "x86_64" || MARK in globalThis;
}
