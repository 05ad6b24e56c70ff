// deno-fmt-ignore-file: it would drop the decorators of functions
/**
 * Means and sums of squared deviations of the columns of a matrix. Each slice of rows gives its own, in
 * one pass around the mean of its first rows: these are among what is summed, so that no more is lost
 * than the slice has rows for each of them. The slices are then put together in float64, in order.
 */
import { madd } from "./madd";

/** First rows of a slice whose mean the sums are taken around. */
const PIVOT: i32 = 32;

/** Columns from which on steps from row to row are too wide for what the processor fetches by itself. */
const WIDE: i32 = 32;

/**
 * Brings rows into the cache in the order in which they lie, for passes that then go through them in
 * columns, if they are wide; writes what it saw to `scratch`.
 */
export function fetchRows(x: usize, rows: i32, columns: i32, scratch: usize): void {
  if (columns < WIDE) return;
  const end = x + (((rows * columns) as usize) << 2);
  let seen = 0;
  for (let at = x; at < end; at += 64) seen |= load<i32>(at);
  store<i32>(scratch, seen);
}

/**
 * Moments of a slice: parts[slice, 0, c] = mean, parts[slice, 1, c] = sum of squared deviations.
 * Arguments: x (rows x columns), parts (slices x 2 x columns), rows, columns, rows of a slice.
 */
export function moments(args: usize, item: i32, scratch: usize): void {
  const columns = load<i32>(args, 12), length = load<i32>(args, 16);
  const row = item * length, count = min(length, load<i32>(args, 8) - row);
  const stride = (columns as usize) << 2;
  let x = load<usize>(args) + (row as usize) * stride;
  let mean = load<usize>(args, 4) + (item as usize) * 2 * stride;
  const n = f32x4.splat(1 / (count as f32));
  const pivots = min(count, PIVOT);
  const share = f32x4.splat(1 / (pivots as f32));
  const zero = f32x4.splat(0);
  fetchRows(x, count, columns, scratch);
  let c = 0;
  for (; c + 16 <= columns; c += 16) {
    let p0 = zero, p1 = zero, p2 = zero, p3 = zero;
    let at = x;
    for (let i = 0; i < pivots; i++) {
      p0 = f32x4.add(p0, v128.load(at)), p1 = f32x4.add(p1, v128.load(at, 16));
      p2 = f32x4.add(p2, v128.load(at, 32)), p3 = f32x4.add(p3, v128.load(at, 48));
      at += stride;
    }
    p0 = f32x4.mul(p0, share), p1 = f32x4.mul(p1, share);
    p2 = f32x4.mul(p2, share), p3 = f32x4.mul(p3, share);
    let s0 = zero, s1 = zero, s2 = zero, s3 = zero;
    let q0 = zero, q1 = zero, q2 = zero, q3 = zero;
    at = x;
    for (let i = 0; i < count; i++) {
      const d0 = f32x4.sub(v128.load(at), p0), d1 = f32x4.sub(v128.load(at, 16), p1);
      const d2 = f32x4.sub(v128.load(at, 32), p2), d3 = f32x4.sub(v128.load(at, 48), p3);
      s0 = f32x4.add(s0, d0), s1 = f32x4.add(s1, d1);
      s2 = f32x4.add(s2, d2), s3 = f32x4.add(s3, d3);
      q0 = madd(d0, d0, q0), q1 = madd(d1, d1, q1);
      q2 = madd(d2, d2, q2), q3 = madd(d3, d3, q3);
      at += stride;
    }
    finish(mean, stride, p0, s0, q0, n), finish(mean + 16, stride, p1, s1, q1, n);
    finish(mean + 32, stride, p2, s2, q2, n), finish(mean + 48, stride, p3, s3, q3, n);
    x += 64, mean += 64;
  }
  for (; c + 4 <= columns; c += 4) {
    let p = zero;
    let at = x;
    for (let i = 0; i < pivots; i++) p = f32x4.add(p, v128.load(at)), at += stride;
    p = f32x4.mul(p, share);
    let s = zero, q = zero;
    at = x;
    for (let i = 0; i < count; i++) {
      const d = f32x4.sub(v128.load(at), p);
      s = f32x4.add(s, d), q = madd(d, d, q);
      at += stride;
    }
    finish(mean, stride, p, s, q, n);
    x += 16, mean += 16;
  }
  for (; c < columns; c++) {
    let p: f32 = 0, s: f32 = 0, q: f32 = 0;
    let at = x;
    for (let i = 0; i < pivots; i++) p += load<f32>(at), at += stride;
    p /= pivots as f32;
    at = x;
    for (let i = 0; i < count; i++) {
      const d = load<f32>(at) - p;
      s += d, q += d * d;
      at += stride;
    }
    const shift = s / (count as f32);
    store<f32>(mean, p + shift);
    store<f32>(mean + stride, max(q - s * shift, 0));
    x += 4, mean += 4;
  }
}

@inline
function finish(to: usize, stride: usize, pivot: v128, s: v128, q: v128, n: v128): void {
  const shift = f32x4.mul(s, n);
  v128.store(to, f32x4.add(pivot, shift));
  v128.store(to + stride, f32x4.max(f32x4.sub(q, f32x4.mul(s, shift)), f32x4.splat(0)));
}

/**
 * What normalisation needs, of the moments of all slices, sixteen columns an item: mean, inverse
 * deviation, scale (gamma over the deviation) and offset beta (4 x columns), and for the running
 * statistics the mean with the bias before it and the unbiased variance.
 *
 * Arguments: parts (slices x 2 x columns), slices, rows of a slice, rows, columns, gamma, beta, bias
 * before or 0, coefficients, mean, variance, epsilon (f32), counts. `counts` points at the rows of each
 * slice, as int32, or is 0 if they are equal but for the last.
 */
export function combineMoments(args: usize, item: i32, _scratch: usize): void {
  const columns = load<i32>(args, 16);
  const end = min(columns, 16 * item + 16);
  let c = 16 * item;
  for (; c + 4 <= end; c += 4) combineFour(args, c, 4);
  if (c < end) combineFour(args, c, end - c);
}

/** Four columns; tensors have room for reading beyond their end, so `width` limits what is written alone. */
function combineFour(args: usize, column: i32, width: i32): void {
  const slices = load<i32>(args, 4), length = load<i32>(args, 8);
  const rows = load<i32>(args, 12), columns = load<i32>(args, 16);
  const counts = load<usize>(args, 48);
  const stride = (columns as usize) << 2, step = 2 * stride;
  const at = (column as usize) << 2;
  let part = load<usize>(args) + at;
  let low = f64x2.splat(0), high = low;
  for (let s = 0; s < slices; s++) {
    const n = f64x2.splat(rowsOf(s, length, rows, counts) as f64);
    const mean = v128.load(part);
    low = f64x2.add(low, f64x2.mul(n, f64x2.promote_low_f32x4(mean)));
    high = f64x2.add(high, f64x2.mul(n, f64x2.promote_low_f32x4(upper(mean))));
    part += step;
  }
  const all = f64x2.splat(rows as f64);
  const meanLow = f64x2.div(low, all), meanHigh = f64x2.div(high, all);
  low = f64x2.splat(0), high = low;
  part = load<usize>(args) + at;
  for (let s = 0; s < slices; s++) {
    const n = f64x2.splat(rowsOf(s, length, rows, counts) as f64);
    const mean = v128.load(part), squares = v128.load(part + stride);
    const d = f64x2.sub(f64x2.promote_low_f32x4(mean), meanLow);
    const e = f64x2.sub(f64x2.promote_low_f32x4(upper(mean)), meanHigh);
    low = f64x2.add(
      low,
      f64x2.add(f64x2.promote_low_f32x4(squares), f64x2.mul(n, f64x2.mul(d, d))),
    );
    high = f64x2.add(
      high,
      f64x2.add(f64x2.promote_low_f32x4(upper(squares)), f64x2.mul(n, f64x2.mul(e, e))),
    );
    part += step;
  }
  const gamma = load<usize>(args, 20) + at, beta = load<usize>(args, 24) + at;
  const before = load<usize>(args, 28);
  const coefficients = load<usize>(args, 32) + at;
  const mean = load<usize>(args, 36) + at, variance = load<usize>(args, 40) + at;
  const epsilon = load<f32>(args, 44) as f64;
  for (let i = 0; i < width; i++) {
    const m = lane(meanLow, meanHigh, i), squares = lane(low, high, i);
    const inverse = 1 / Math.sqrt(squares / (rows as f64) + epsilon);
    const to = coefficients + ((i as usize) << 2), by = (i as usize) << 2;
    store<f32>(to, m as f32);
    store<f32>(to + stride, inverse as f32);
    store<f32>(to + 2 * stride, (inverse * (load<f32>(gamma + by) as f64)) as f32);
    store<f32>(to + 3 * stride, load<f32>(beta + by));
    const b: f64 = before === 0 ? 0 : load<f32>(before + at + by) as f64;
    store<f32>(mean + by, (m + b) as f32);
    store<f32>(variance + by, (squares / ((rows - 1) as f64)) as f32);
  }
}

/**
 * Coefficients from running statistics. Arguments: mean, variance, gamma, beta, bias before or 0,
 * coefficients (4 x columns), columns, epsilon (f32).
 */
export function runningCoefficients(args: usize, _item: i32, _scratch: usize): void {
  const before = load<usize>(args, 16);
  const stride = (load<i32>(args, 24) as usize) << 2;
  const epsilon = load<f32>(args, 28) as f64;
  for (let at: usize = 0; at < stride; at += 4) {
    const to = load<usize>(args, 20) + at;
    const inverse = 1 / Math.sqrt((load<f32>(load<usize>(args, 4) + at) as f64) + epsilon);
    const mean = load<f32>(load<usize>(args) + at);
    store<f32>(to, before === 0 ? mean : mean - load<f32>(before + at));
    store<f32>(to + stride, inverse as f32);
    store<f32>(to + 2 * stride, (inverse * (load<f32>(load<usize>(args, 8) + at) as f64)) as f32);
    store<f32>(to + 3 * stride, load<f32>(load<usize>(args, 12) + at));
  }
}

@inline
function rowsOf(slice: i32, length: i32, rows: i32, counts: usize): i32 {
  if (counts !== 0) return load<i32>(counts + ((slice as usize) << 2));
  return min(length, rows - slice * length);
}

@inline
export function upper(x: v128): v128 {
  return v128.shuffle<f32>(x, x, 2, 3, 2, 3);
}

@inline
export function lane(low: v128, high: v128, i: i32): f64 {
  const half = i < 2 ? low : high;
  return (i & 1) === 0 ? f64x2.extract_lane(half, 0) : f64x2.extract_lane(half, 1);
}
