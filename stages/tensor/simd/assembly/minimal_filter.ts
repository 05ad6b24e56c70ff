/**
 * Winograd's minimal filtering for kernels of three taps: three outputs y[t] = sum over k of d[t + k] w[k] by
 * five products instead of nine. Inputs, kernels and outputs are taken to five points (0, 1, -1, 2 and the
 * leading coefficient), where the products are; all but the kernels' numbers are whole, and a sum over
 * channels loses about half a digit more than directly.
 *
 * A kernel of nine taps is three such groups, at shifts that are a tile of outputs each: what the inputs are
 * at the points is shared among the groups, and their products add up there. 15 products replace 27.
 */

/** Points. */
export const POINTS: i32 = 5;

/** Outputs of a tile, and taps of a group. */
export const TILE: i32 = 3;

/** Frames that a tile of outputs and a group of taps meet. */
export const REACH: i32 = 5;

/**
 * Inputs at the points, for `bytes` bytes of each of five frames d0 to d4; the points' results are `point` bytes
 * apart.
 */
export function inputsAtPoints(
  d0: usize,
  d1: usize,
  d2: usize,
  d3: usize,
  d4: usize,
  to: usize,
  point: usize,
  bytes: usize,
): void {
  const to1 = to + point;
  const to2 = to1 + point;
  const to3 = to2 + point;
  const to4 = to3 + point;
  for (let at: usize = 0; at < bytes; at += 16) {
    const a = v128.load(d0 + at);
    const b = v128.load(d1 + at);
    const c = v128.load(d2 + at);
    const d = v128.load(d3 + at);
    const e = v128.load(d4 + at);
    const bd = f32x4.sub(d, b);
    const ac = f32x4.sub(a, c);
    const twice = f32x4.add(b, b);
    const cd = f32x4.sub(c, d);
    // 2 d0 - d1 - 2 d2 + d3, 2 d1 + d2 - d3, -2 d1 + 3 d2 - d3, d3 - d1, 2 d1 - d2 - 2 d3 + d4
    v128.store(to + at, f32x4.add(f32x4.add(ac, ac), bd));
    v128.store(to1 + at, f32x4.add(twice, cd));
    v128.store(to2 + at, f32x4.add(f32x4.sub(f32x4.add(c, c), twice), cd));
    v128.store(to3 + at, bd);
    v128.store(to4 + at, f32x4.sub(f32x4.sub(e, c), f32x4.add(bd, bd)));
  }
}

/** Outputs from four numbers of each point, `point` bytes apart. */
export function firstOutput(from: usize, point: usize): v128 {
  const odd = f32x4.add(v128.load(from + point), v128.load(from + 2 * point));
  return f32x4.add(f32x4.add(v128.load(from), odd), v128.load(from + 3 * point));
}

/** See {@link firstOutput}. */
export function secondOutput(from: usize, point: usize): v128 {
  const two = v128.load(from + 3 * point);
  const even = f32x4.sub(v128.load(from + point), v128.load(from + 2 * point));
  return f32x4.add(even, f32x4.add(two, two));
}

/** See {@link firstOutput}. */
export function thirdOutput(from: usize, point: usize): v128 {
  const two = v128.load(from + 3 * point);
  const double = f32x4.add(two, two);
  const odd = f32x4.add(v128.load(from + point), v128.load(from + 2 * point));
  return f32x4.add(
    f32x4.add(odd, f32x4.add(double, double)),
    v128.load(from + 4 * point),
  );
}

/** Three taps at a point. */
export function kernelAtPoint(a: v128, b: v128, c: v128, point: i32): v128 {
  if (point === 0) return f32x4.mul(a, f32x4.splat(0.5));
  if (point === 4) return c;
  const outer = f32x4.add(a, c);
  if (point === 1) return f32x4.mul(f32x4.add(outer, b), f32x4.splat(0.5));
  const sixth = f32x4.splat(1.0 / 6.0);
  if (point === 2) return f32x4.mul(f32x4.sub(outer, b), sixth);
  const four = f32x4.mul(c, f32x4.splat(4));
  return f32x4.mul(f32x4.add(f32x4.add(a, f32x4.add(b, b)), four), sixth);
}

/** Gradients of the outputs at the points, for `bytes` bytes of each of the frames d0 to d2; see {@link inputsAtPoints}. */
export function outputsAtPoints(
  d0: usize,
  d1: usize,
  d2: usize,
  to: usize,
  point: usize,
  bytes: usize,
): void {
  const to1 = to + point;
  const to2 = to1 + point;
  const to3 = to2 + point;
  const to4 = to3 + point;
  for (let at: usize = 0; at < bytes; at += 16) {
    const a = v128.load(d0 + at);
    const b = v128.load(d1 + at);
    const c = v128.load(d2 + at);
    const outer = f32x4.add(a, c);
    const twice = f32x4.add(c, c);
    v128.store(to + at, a);
    v128.store(to1 + at, f32x4.add(outer, b));
    v128.store(to2 + at, f32x4.sub(outer, b));
    v128.store(
      to3 + at,
      f32x4.add(f32x4.add(a, f32x4.add(b, b)), f32x4.add(twice, twice)),
    );
    v128.store(to4 + at, c);
  }
}

/** Gradient of tap `tap` of a group from those of its numbers at the points. */
export function tapGradient(tap: i32, p0: v128, p1: v128, p2: v128, p3: v128, p4: v128): v128 {
  const half = f32x4.splat(0.5);
  const sixth = f32x4.splat(1.0 / 6.0);
  const first = f32x4.mul(p1, half);
  if (tap === 0) {
    return f32x4.add(
      f32x4.add(f32x4.mul(p0, half), first),
      f32x4.mul(f32x4.add(p2, p3), sixth),
    );
  }
  const twice = f32x4.add(p3, p3);
  if (tap === 1) return f32x4.add(first, f32x4.mul(f32x4.sub(twice, p2), sixth));
  const rest = f32x4.mul(f32x4.add(p2, f32x4.add(twice, twice)), sixth);
  return f32x4.add(f32x4.add(first, rest), p4);
}
