/**
 * Whether this processor's relaxed SIMD fuses a product and a sum into one rounding: all that can change
 * the bits of the `simd` backend from one machine to another.
 *
 * @module
 */

/** `(a, b, c) => a b + c` by one `f32x4.relaxed_madd`, assembled by hand. */
const MADD = Uint8Array.of(
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00], // "\0asm", version 1
  ...[0x01, 0x08, 0x01, 0x60, 0x03, 0x7d, 0x7d, 0x7d, 0x01, 0x7d], // type (f32, f32, f32) -> f32
  ...[0x03, 0x02, 0x01, 0x00], // one function of it
  ...[0x07, 0x05, 0x01, 0x01, 0x66, 0x00, 0x00], // exported as "f"
  ...[0x0a, 0x16, 0x01, 0x14, 0x00], // its body, without locals:
  ...[0x20, 0x00, 0xfd, 0x13], // f32x4.splat(a)
  ...[0x20, 0x01, 0xfd, 0x13], // f32x4.splat(b)
  ...[0x20, 0x02, 0xfd, 0x13], // f32x4.splat(c)
  ...[0xfd, 0x85, 0x02], // f32x4.relaxed_madd
  ...[0xfd, 0x1f, 0x00, 0x0b], // lane 0, end
);

/** `fma` or `nofma`; undefined where the engine has no relaxed SIMD. */
export function fusedMadd(): "fma" | "nofma" | undefined {
  if (!WebAssembly.validate(MADD)) return undefined;
  const { f } = new WebAssembly.Instance(new WebAssembly.Module(MADD)).exports;
  const a = 1 + 2 ** -12;
  // a a = 1 + 2^-11 + 2^-24, whose last term a float32 cannot hold.
  const rest = (f as (a: number, b: number, c: number) => number)(a, a, -(1 + 2 ** -11));
  return rest === 0 ? "nofma" : "fma";
}
