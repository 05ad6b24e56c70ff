/**
 * Kernels that take four numbers at once where sizes are multiples of four, and one by one elsewhere.
 *
 * @module
 */

/** Numbers of an element. */
export type Lanes = 1 | 4;

/** The most that all of some sizes are multiples of. */
export function lanesOf(...sizes: readonly number[]): Lanes {
  return sizes.every((size) => size % 4 === 0) ? 4 : 1;
}

/** WGSL's name of an element. */
export function elementOf(lanes: Lanes): "f32" | "vec4<f32>" {
  return lanes === 4 ? "vec4<f32>" : "f32";
}
