// deno-fmt-ignore-file: it would drop the decorators of functions
/** a b + c for four numbers: in one rounding where the engine may fuse, in two otherwise. */
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  if (RELAXED) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}
