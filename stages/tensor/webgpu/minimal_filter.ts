/**
 * Winograd's minimal filtering of kernels of three taps: three outputs y[i] = sum over k of d[i + k] w[k] by
 * five products instead of nine. Inputs, kernels and outputs are taken to five points (0, 1, -1, 2 and the
 * leading coefficient), where the products are. A kernel of nine taps is three groups of three, at shifts
 * that are a tile of outputs each: their products add up at the points, and 15 replace 27.
 *
 * Here is what texts of kernels say of it. All numbers but the kernels' are whole, so a sum over channels
 * loses about half a digit more than directly.
 *
 * @module
 */

/** Points. */
export const POINTS = 5;

/** Outputs of a tile, and taps of a group. */
export const TILE = 3;

/** Groups of taps. */
export const GROUPS = 3;

/**
 * WGSL functions of a point: `inputShares` of the inputs d1, d2, d3 and of the edge, which is input
 * `edgeOf` (d0 or d4) where its share is not zero; `outputShares` by which a tile's outputs are taken back.
 */
export const POINT_FUNCTIONS = `
fn inputShares(point: u32) -> vec4<f32> {
  switch point {
    case 0u: { return vec4<f32>(-1.0, -2.0, 1.0, 2.0); }
    case 1u: { return vec4<f32>(2.0, 1.0, -1.0, 0.0); }
    case 2u: { return vec4<f32>(-2.0, 3.0, -1.0, 0.0); }
    case 3u: { return vec4<f32>(-1.0, 0.0, 1.0, 0.0); }
    default: { return vec4<f32>(2.0, -1.0, -2.0, 1.0); }
  }
}
fn edgeOf(point: u32) -> u32 { return select(4u, 0u, point == 0u); }
fn outputShares(point: u32) -> vec3<f32> {
  switch point {
    case 0u: { return vec3<f32>(1.0, 0.0, 0.0); }
    case 1u: { return vec3<f32>(1.0, 1.0, 1.0); }
    case 2u: { return vec3<f32>(1.0, -1.0, 1.0); }
    case 3u: { return vec3<f32>(1.0, 2.0, 4.0); }
    default: { return vec3<f32>(0.0, 0.0, 1.0); }
  }
}`;

/** The outputs of a tile, from the names of its products at the points. */
export function outputsText(products: readonly string[]): readonly [string, string, string] {
  const [a, b, c, d, e] = products;
  return [
    `(${a} + (${b} + ${c}) + ${d})`,
    `((${b} - ${c}) + 2.0 * ${d})`,
    `((${b} + ${c}) + 4.0 * ${d} + ${e})`,
  ];
}

/** Three taps at the five points, from their names. */
export function kernelText(a: string, b: string, c: string): readonly string[] {
  return [
    `0.5 * ${a}`,
    `0.5 * (${a} + ${b} + ${c})`,
    `(${a} - ${b} + ${c}) / 6.0`,
    `(${a} + 2.0 * ${b} + 4.0 * ${c}) / 6.0`,
    c,
  ];
}

/** The gradients of three taps, from the names of those at the points. */
export function kernelGradientText(points: readonly string[]): readonly [string, string, string] {
  const [p, q, r, s, t] = points;
  return [
    `(0.5 * (${p} + ${q}) + (${r} + ${s}) / 6.0)`,
    `(0.5 * ${q} - ${r} / 6.0 + ${s} / 3.0)`,
    `(0.5 * ${q} + ${r} / 6.0 + ${s} * (2.0 / 3.0) + ${t})`,
  ];
}
