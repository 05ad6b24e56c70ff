// deno-fmt-ignore-file: it would drop the decorators of functions
/**
 * The gradient of batch normalisation and of what follows it, in two passes: sums over the batch, then
 * the input's gradient. d is what flows into the normalisation: the gradient dy itself, or where a gate
 * follows, dy where that is open. Coefficients are (4 x columns): mean, inverse deviation, scale, offset.
 */
import { lanes, sixteen } from "./bits";
import { madd } from "./madd";
import { fetchRows, lane, upper } from "./moments";

/** Where the gate comes from. */
const NONE: i32 = 0;
const RELU: i32 = 1;
const BITS: i32 = 2;

/** Rows that are summed before the sums join those of the rows before. */
const RUN: i32 = 128;

/**
 * Sums over a slice: parts[slice, 0, c] = sum of d, parts[slice, 1, c] = sum of d (x - mean).
 * Arguments: x, dy, coefficients, rows, columns, rows of a slice, parts (slices x 2 x columns).
 */
export function gradientSums(args: usize, item: i32, scratch: usize): void {
  sums(args, item, scratch, NONE);
}

/** As {@link gradientSums}, with the gate of the ReLU that follows, found again from x. */
export function gradientSumsRelu(args: usize, item: i32, scratch: usize): void {
  sums(args, item, scratch, RELU);
}

/**
 * As {@link gradientSums}, at the end of a block. Further arguments: bits of the gate, bits of what is
 * both kept and let through, factor of what is kept (f32), dr. The last is 0, or the gradient of the
 * residual, which is written: dy where the gate is open.
 */
export function gradientSumsBlockEnd(args: usize, item: i32, scratch: usize): void {
  sums(args, item, scratch, BITS);
}

/** d of four numbers; `scale` and `offset` point at those of the column block, `part` counts in fours. */
@inline
function gated(
  centred: v128,
  dy: v128,
  scale: usize,
  offset: usize,
  word: v128,
  part: usize,
  factor: v128,
  gate: i32,
): v128 {
  if (gate === RELU) {
    const y = f32x4.add(
      f32x4.mul(centred, v128.load(scale + 16 * part)),
      v128.load(offset + 16 * part),
    );
    return v128.and(dy, f32x4.gt(y, f32x4.splat(0)));
  }
  if (gate === BITS) return v128.and(f32x4.mul(dy, factor), lanes(word, part));
  return dy;
}

@inline
function sums(args: usize, item: i32, scratch: usize, gate: i32): void {
  const columns = load<i32>(args, 16), length = load<i32>(args, 20);
  const row = item * length, count = min(length, load<i32>(args, 12) - row);
  const stride = (columns as usize) << 2;
  let x = load<usize>(args) + (row as usize) * stride;
  let dy = load<usize>(args, 4) + (row as usize) * stride;
  let k = load<usize>(args, 8);
  let to = load<usize>(args, 24) + (item as usize) * 2 * stride;
  const open = load<usize>(args, 28), both = load<usize>(args, 32);
  const factor = gate === BITS ? f32x4.splat(load<f32>(args, 36)) : f32x4.splat(0);
  let dr = gate === BITS ? load<usize>(args, 40) : 0;
  const passes = gate === BITS && dr !== 0;
  if (passes) dr += (row as usize) * stride;
  const zero = f32x4.splat(0);
  fetchRows(x, count, columns, scratch), fetchRows(dy, count, columns, scratch);
  let c = 0;
  for (; c + 16 <= columns; c += 16) {
    const m0 = v128.load(k), m1 = v128.load(k, 16), m2 = v128.load(k, 32), m3 = v128.load(k, 48);
    const scale = k + 2 * stride, offset = k + 3 * stride;
    let at: usize = 0;
    let bit = row * columns + c;
    for (let run = 0; run < count; run += RUN) {
      let s0 = zero, s1 = zero, s2 = zero, s3 = zero;
      let p0 = zero, p1 = zero, p2 = zero, p3 = zero;
      const last = min(count, run + RUN);
      for (let i = run; i < last; i++) {
        const from = x + at, flow = dy + at;
        const word = gate === BITS ? i32x4.splat(sixteen(both, bit)) : zero;
        if (passes) {
          const through = i32x4.splat(sixteen(open, bit));
          v128.store(dr + at, v128.and(v128.load(flow), lanes(through, 0)));
          v128.store(dr + at, v128.and(v128.load(flow, 16), lanes(through, 1)), 16);
          v128.store(dr + at, v128.and(v128.load(flow, 32), lanes(through, 2)), 32);
          v128.store(dr + at, v128.and(v128.load(flow, 48), lanes(through, 3)), 48);
        }
        const x0 = f32x4.sub(v128.load(from), m0), x1 = f32x4.sub(v128.load(from, 16), m1);
        const x2 = f32x4.sub(v128.load(from, 32), m2), x3 = f32x4.sub(v128.load(from, 48), m3);
        const d0 = gated(x0, v128.load(flow), scale, offset, word, 0, factor, gate);
        const d1 = gated(x1, v128.load(flow, 16), scale, offset, word, 1, factor, gate);
        const d2 = gated(x2, v128.load(flow, 32), scale, offset, word, 2, factor, gate);
        const d3 = gated(x3, v128.load(flow, 48), scale, offset, word, 3, factor, gate);
        s0 = f32x4.add(s0, d0), s1 = f32x4.add(s1, d1);
        s2 = f32x4.add(s2, d2), s3 = f32x4.add(s3, d3);
        p0 = madd(d0, x0, p0), p1 = madd(d1, x1, p1);
        p2 = madd(d2, x2, p2), p3 = madd(d3, x3, p3);
        at += stride, bit += columns;
      }
      join(to, run, s0, s1, s2, s3);
      join(to + stride, run, p0, p1, p2, p3);
    }
    x += 64, dy += 64, k += 64, to += 64;
    if (passes) dr += 64;
  }
  for (; c + 4 <= columns; c += 4) {
    const m = v128.load(k), scale = k + 2 * stride, offset = k + 3 * stride;
    let at: usize = 0;
    let bit = row * columns + c;
    v128.store(to, zero), v128.store(to + stride, zero);
    for (let run = 0; run < count; run += RUN) {
      let s = zero, p = zero;
      const last = min(count, run + RUN);
      for (let i = run; i < last; i++) {
        const flow = v128.load(dy + at);
        if (passes) {
          const through = i32x4.splat(sixteen(open, bit));
          v128.store(dr + at, v128.and(flow, lanes(through, 0)));
        }
        const centred = f32x4.sub(v128.load(x + at), m);
        const word = gate === BITS ? i32x4.splat(sixteen(both, bit)) : zero;
        const d = gated(centred, flow, scale, offset, word, 0, factor, gate);
        s = f32x4.add(s, d), p = madd(d, centred, p);
        at += stride, bit += columns;
      }
      v128.store(to, f32x4.add(v128.load(to), s));
      v128.store(to + stride, f32x4.add(v128.load(to + stride), p));
    }
    x += 16, dy += 16, k += 16, to += 16;
    if (passes) dr += 16;
  }
  for (; c < columns; c++) {
    const m = load<f32>(k), scale = load<f32>(k + 2 * stride), offset = load<f32>(k + 3 * stride);
    let at: usize = 0;
    let s: f32 = 0, p: f32 = 0;
    let bit = row * columns + c;
    for (let i = 0; i < count; i++) {
      const centred = load<f32>(x + at) - m;
      let d = load<f32>(dy + at);
      if (passes) store<f32>(dr + at, (sixteen(open, bit) & 1) === 0 ? 0 : d);
      if (gate === RELU && !(centred * scale + offset > 0)) d = 0;
      if (gate === BITS) {
        d = (sixteen(both, bit) & 1) === 0 ? 0 : d * f32x4.extract_lane(factor, 0);
      }
      s += d, p += d * centred;
      at += stride, bit += columns;
    }
    store<f32>(to, s), store<f32>(to + stride, p);
    x += 4, dy += 4, k += 4, to += 4;
    if (passes) dr += 4;
  }
}

@inline
function join(to: usize, run: i32, a: v128, b: v128, c: v128, d: v128): void {
  if (run === 0) {
    v128.store(to, a), v128.store(to, b, 16), v128.store(to, c, 32), v128.store(to, d, 48);
  } else {
    v128.store(to, f32x4.add(v128.load(to), a));
    v128.store(to, f32x4.add(v128.load(to, 16), b), 16);
    v128.store(to, f32x4.add(v128.load(to, 32), c), 32);
    v128.store(to, f32x4.add(v128.load(to, 48), d), 48);
  }
}

/**
 * Gradients of gamma and beta, and what the second pass needs, of the sums of all slices: sixteen
 * columns an item. Arguments: parts (slices x 2 x columns), slices, rows, columns, coefficients, slopes
 * (2 x columns), gradient of gamma, of beta. Slopes are what a gradient is moved by: for each unit that x
 * is above its mean, and at the mean.
 */
export function combineGradientSums(args: usize, item: i32, _scratch: usize): void {
  const columns = load<i32>(args, 12);
  const end = min(columns, 16 * item + 16);
  for (let c = 16 * item; c < end; c += 4) combineFour(args, c, min(4, end - c));
}

function combineFour(args: usize, column: i32, width: i32): void {
  const slices = load<i32>(args, 4);
  const rows = load<i32>(args, 8) as f64;
  const stride = (load<i32>(args, 12) as usize) << 2;
  const at = (column as usize) << 2;
  let part = load<usize>(args) + at;
  let sLow = f64x2.splat(0), sHigh = sLow, pLow = sLow, pHigh = sLow;
  for (let i = 0; i < slices; i++) {
    const s = v128.load(part), p = v128.load(part + stride);
    sLow = f64x2.add(sLow, f64x2.promote_low_f32x4(s));
    sHigh = f64x2.add(sHigh, f64x2.promote_low_f32x4(upper(s)));
    pLow = f64x2.add(pLow, f64x2.promote_low_f32x4(p));
    pHigh = f64x2.add(pHigh, f64x2.promote_low_f32x4(upper(p)));
    part += 2 * stride;
  }
  const k = load<usize>(args, 16) + at, slopes = load<usize>(args, 20) + at;
  const dGamma = load<usize>(args, 24) + at, dBeta = load<usize>(args, 28) + at;
  for (let i = 0; i < width; i++) {
    const by = (i as usize) << 2;
    const inverse = load<f32>(k + stride + by) as f64,
      scale = load<f32>(k + 2 * stride + by) as f64;
    const sum = lane(sLow, sHigh, i), along = lane(pLow, pHigh, i);
    store<f32>(slopes + by, (-scale * inverse * inverse * along / rows) as f32);
    store<f32>(slopes + stride + by, (-scale * sum / rows) as f32);
    store<f32>(dGamma + by, (along * inverse) as f32);
    store<f32>(dBeta + by, sum as f32);
  }
}

/**
 * dx = d scale + (x - mean) slope + level. Arguments: x, dy, coefficients, rows, columns, rows of a
 * slice, slopes (2 x columns), dx.
 */
export function gradient(args: usize, item: i32, _scratch: usize): void {
  second(args, item, NONE);
}

/** As {@link gradient}, with the gate of the ReLU that follows. */
export function gradientRelu(args: usize, item: i32, _scratch: usize): void {
  second(args, item, RELU);
}

/** As {@link gradient}, at the end of a block. Further arguments: bits of what is both kept and let through, factor (f32). */
export function gradientBlockEnd(args: usize, item: i32, _scratch: usize): void {
  second(args, item, BITS);
}

@inline
function second(args: usize, item: i32, gate: i32): void {
  const columns = load<i32>(args, 16), length = load<i32>(args, 20);
  const row = item * length, count = min(length, load<i32>(args, 12) - row);
  const stride = (columns as usize) << 2, end = ((columns & ~15) as usize) << 2;
  const fours = ((columns & 12) as usize) << 2, rest = ((columns & 3) as usize) << 2;
  let x = load<usize>(args) + (row as usize) * stride;
  let dy = load<usize>(args, 4) + (row as usize) * stride;
  let dx = load<usize>(args, 28) + (row as usize) * stride;
  const both = load<usize>(args, 32);
  const factor = gate === BITS ? load<f32>(args, 36) : 1;
  const wide = f32x4.splat(factor);
  for (let i = 0; i < count; i++) {
    let k = load<usize>(args, 8), slope = load<usize>(args, 24), bit = (row + i) * columns;
    for (const last = x + end; x < last;) {
      const scale = k + 2 * stride, offset = k + 3 * stride, level = slope + stride;
      const word = gate === BITS ? i32x4.splat(sixteen(both, bit)) : wide;
      four(x, dy, k, scale, offset, slope, level, dx, word, 0, wide, gate);
      four(x, dy, k, scale, offset, slope, level, dx, word, 1, wide, gate);
      four(x, dy, k, scale, offset, slope, level, dx, word, 2, wide, gate);
      four(x, dy, k, scale, offset, slope, level, dx, word, 3, wide, gate);
      x += 64, dy += 64, dx += 64, k += 64, slope += 64, bit += 16;
    }
    for (const last = x + fours; x < last;) {
      const scale = k + 2 * stride, offset = k + 3 * stride, level = slope + stride;
      const word = gate === BITS ? i32x4.splat(sixteen(both, bit)) : wide;
      four(x, dy, k, scale, offset, slope, level, dx, word, 0, wide, gate);
      x += 16, dy += 16, dx += 16, k += 16, slope += 16, bit += 4;
    }
    for (const last = x + rest; x < last;) {
      const centred = load<f32>(x) - load<f32>(k), scale = load<f32>(k + 2 * stride);
      let d = load<f32>(dy);
      if (gate === RELU && !(centred * scale + load<f32>(k + 3 * stride) > 0)) d = 0;
      if (gate === BITS) d = (sixteen(both, bit) & 1) === 0 ? 0 : d * factor;
      store<f32>(dx, d * scale + (centred * load<f32>(slope) + load<f32>(slope + stride)));
      x += 4, dy += 4, dx += 4, k += 4, slope += 4, bit++;
    }
  }
}

/** Four columns of a row; `part` counts in fours from where the pointers are. */
@inline
function four(
  x: usize,
  dy: usize,
  mean: usize,
  scale: usize,
  offset: usize,
  slope: usize,
  level: usize,
  dx: usize,
  word: v128,
  part: usize,
  factor: v128,
  gate: i32,
): void {
  const centred = f32x4.sub(v128.load(x + 16 * part), v128.load(mean + 16 * part));
  const d = gated(centred, v128.load(dy + 16 * part), scale, offset, word, part, factor, gate);
  const moved = madd(centred, v128.load(slope + 16 * part), v128.load(level + 16 * part));
  v128.store(dx + 16 * part, madd(d, v128.load(scale + 16 * part), moved));
}
