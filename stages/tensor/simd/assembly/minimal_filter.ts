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
  // Two vectors at a time, which an engine may join.
  let at: usize = 0;
  for (const pairs = bytes & ~31; at < pairs; at += 32) {
    const a = v128.load(d0 + at), a1 = v128.load(d0 + at, 16);
    const b = v128.load(d1 + at), b1 = v128.load(d1 + at, 16);
    const c = v128.load(d2 + at), c1 = v128.load(d2 + at, 16);
    const d = v128.load(d3 + at), dd = v128.load(d3 + at, 16);
    const e = v128.load(d4 + at), e1 = v128.load(d4 + at, 16);
    const bd = f32x4.sub(d, b), bd1 = f32x4.sub(dd, b1);
    const ac = f32x4.sub(a, c), ac1 = f32x4.sub(a1, c1);
    const twice = f32x4.add(b, b), twice1 = f32x4.add(b1, b1);
    const cd = f32x4.sub(c, d), cd1 = f32x4.sub(c1, dd);
    // 2 d0 - d1 - 2 d2 + d3, 2 d1 + d2 - d3, -2 d1 + 3 d2 - d3, d3 - d1, 2 d1 - d2 - 2 d3 + d4
    const y0 = f32x4.add(f32x4.add(ac, ac), bd), z0 = f32x4.add(f32x4.add(ac1, ac1), bd1);
    const y1 = f32x4.add(twice, cd), z1 = f32x4.add(twice1, cd1);
    const y2 = f32x4.add(f32x4.sub(f32x4.add(c, c), twice), cd);
    const z2 = f32x4.add(f32x4.sub(f32x4.add(c1, c1), twice1), cd1);
    const y4 = f32x4.sub(f32x4.sub(e, c), f32x4.add(bd, bd));
    const z4 = f32x4.sub(f32x4.sub(e1, c1), f32x4.add(bd1, bd1));
    v128.store(to + at, y0), v128.store(to + at, z0, 16);
    v128.store(to1 + at, y1), v128.store(to1 + at, z1, 16);
    v128.store(to2 + at, y2), v128.store(to2 + at, z2, 16);
    v128.store(to3 + at, bd), v128.store(to3 + at, bd1, 16);
    v128.store(to4 + at, y4), v128.store(to4 + at, z4, 16);
  }
  if (at < bytes) {
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

/**
 * The three outputs of a tile, eight channels of each row.
 *
 * @param from Products at the first point, `row` bytes from row to row; the points are `point` bytes apart.
 * @param to The first output's rows, `yRow` bytes apart; the outputs are `yFrame` bytes apart.
 */
export function outputsOfTile(
  from: usize,
  point: usize,
  row: usize,
  to: usize,
  yFrame: usize,
  yRow: usize,
  rows: i32,
): void {
  let from1 = from + point;
  let from2 = from1 + point;
  let from3 = from2 + point;
  let from4 = from3 + point;
  let to1 = to + yFrame;
  let to2 = to1 + yFrame;
  for (const end = from + row * rows; from < end;) {
    const a0 = v128.load(from), a1 = v128.load(from, 16);
    const b0 = v128.load(from1), b1 = v128.load(from1, 16);
    const c0 = v128.load(from2), c1 = v128.load(from2, 16);
    const d0 = v128.load(from3), d1 = v128.load(from3, 16);
    const e0 = v128.load(from4), e1 = v128.load(from4, 16);
    const odd0 = f32x4.add(b0, c0), odd1 = f32x4.add(b1, c1);
    const even0 = f32x4.sub(b0, c0), even1 = f32x4.sub(b1, c1);
    const two0 = f32x4.add(d0, d0), two1 = f32x4.add(d1, d1);
    const four0 = f32x4.add(two0, two0), four1 = f32x4.add(two1, two1);
    const first0 = f32x4.add(f32x4.add(a0, odd0), d0), first1 = f32x4.add(f32x4.add(a1, odd1), d1);
    const second0 = f32x4.add(even0, two0), second1 = f32x4.add(even1, two1);
    const third0 = f32x4.add(f32x4.add(odd0, four0), e0);
    const third1 = f32x4.add(f32x4.add(odd1, four1), e1);
    v128.store(to, first0), v128.store(to, first1, 16);
    v128.store(to1, second0), v128.store(to1, second1, 16);
    v128.store(to2, third0), v128.store(to2, third1, 16);
    from += row, from1 += row, from2 += row, from3 += row, from4 += row;
    to += yRow, to1 += yRow, to2 += yRow;
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
