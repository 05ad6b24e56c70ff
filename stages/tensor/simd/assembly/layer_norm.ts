// deno-fmt-ignore-file: it would drop the decorators of functions
/** Layer normalisation of rows, and its gradient. Items are slices of rows. */
import { madd } from "./madd";

@inline
function total(x: v128): f32 {
  return (f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 1)) +
    (f32x4.extract_lane(x, 2) + f32x4.extract_lane(x, 3));
}

/**
 * y = (x - mean) / deviation weight + bias, row by row. Arguments: x, y (rows x size), weight, bias,
 * moments (rows x 2: mean and inverse deviation, which are written), rows, size, rows of an item, epsilon
 * (f32).
 */
export function layerNorm(args: usize, item: i32, _scratch: usize): void {
  const size = load<i32>(args, 24), length = load<i32>(args, 28);
  const row = item * length, last = min(load<i32>(args, 20), row + length);
  const stride = (size as usize) << 2, end = ((size & ~3) as usize) << 2;
  const weight = load<usize>(args, 8), bias = load<usize>(args, 12);
  const epsilon = load<f32>(args, 32);
  let x = load<usize>(args) + (row as usize) * stride;
  let y = load<usize>(args, 4) + (row as usize) * stride;
  let to = load<usize>(args, 16) + ((row as usize) << 3);
  for (let i = row; i < last; i++) {
    let wide = f32x4.splat(0);
    for (let at: usize = 0; at < end; at += 16) wide = f32x4.add(wide, v128.load(x + at));
    let sum = total(wide);
    for (let at = end; at < stride; at += 4) sum += load<f32>(x + at);
    const mean: f32 = sum / (size as f32), means = f32x4.splat(mean);
    wide = f32x4.splat(0);
    for (let at: usize = 0; at < end; at += 16) {
      const d = f32x4.sub(v128.load(x + at), means);
      wide = madd(d, d, wide);
    }
    let squares = total(wide);
    for (let at = end; at < stride; at += 4) {
      const d = load<f32>(x + at) - mean;
      squares += d * d;
    }
    const inverse: f32 = 1 / Mathf.sqrt(squares / (size as f32) + epsilon);
    const inverses = f32x4.splat(inverse);
    for (let at: usize = 0; at < end; at += 16) {
      const unit = f32x4.mul(f32x4.sub(v128.load(x + at), means), inverses);
      v128.store(y + at, madd(unit, v128.load(weight + at), v128.load(bias + at)));
    }
    for (let at = end; at < stride; at += 4) {
      const unit = (load<f32>(x + at) - mean) * inverse;
      store<f32>(y + at, unit * load<f32>(weight + at) + load<f32>(bias + at));
    }
    store<f32>(to, mean), store<f32>(to, inverse, 4);
    x += stride, y += stride, to += 8;
  }
}

/**
 * Gradient of x, and of weight and bias as sums over a slice: parts (slices x 2 x size). Arguments: x, dy,
 * weight, moments, dx or 0, parts, rows, size, rows of an item.
 */
export function layerNormGradient(args: usize, item: i32, _scratch: usize): void {
  const size = load<i32>(args, 28), length = load<i32>(args, 32);
  const row = item * length, last = min(load<i32>(args, 24), row + length);
  const stride = (size as usize) << 2, end = ((size & ~3) as usize) << 2;
  const weight = load<usize>(args, 8);
  const start = (row as usize) * stride;
  let x = load<usize>(args) + start, dy = load<usize>(args, 4) + start;
  let from = load<usize>(args, 12) + ((row as usize) << 3);
  const wanted = load<usize>(args, 16) !== 0;
  let dx = load<usize>(args, 16) + start;
  const dWeight = load<usize>(args, 20) + (item as usize) * 2 * stride, dBias = dWeight + stride;
  memory.fill(dWeight, 0, 2 * stride);
  for (let i = row; i < last; i++) {
    const mean = load<f32>(from), inverse = load<f32>(from, 4);
    const means = f32x4.splat(mean), inverses = f32x4.splat(inverse);
    let levels = f32x4.splat(0), slopes = levels;
    for (let at: usize = 0; at < end; at += 16) {
      const unit = f32x4.mul(f32x4.sub(v128.load(x + at), means), inverses);
      const d = v128.load(dy + at);
      const inner = f32x4.mul(d, v128.load(weight + at));
      levels = f32x4.add(levels, inner);
      slopes = madd(inner, unit, slopes);
      v128.store(dWeight + at, madd(d, unit, v128.load(dWeight + at)));
      v128.store(dBias + at, f32x4.add(v128.load(dBias + at), d));
    }
    let level = total(levels), slope = total(slopes);
    for (let at = end; at < stride; at += 4) {
      const unit = (load<f32>(x + at) - mean) * inverse;
      const d = load<f32>(dy + at);
      const inner = d * load<f32>(weight + at);
      level += inner, slope += inner * unit;
      store<f32>(dWeight + at, load<f32>(dWeight + at) + d * unit);
      store<f32>(dBias + at, load<f32>(dBias + at) + d);
    }
    if (wanted) {
      level /= size as f32, slope /= size as f32;
      levels = f32x4.splat(level), slopes = f32x4.splat(slope);
      for (let at: usize = 0; at < end; at += 16) {
        const unit = f32x4.mul(f32x4.sub(v128.load(x + at), means), inverses);
        const inner = f32x4.mul(v128.load(dy + at), v128.load(weight + at));
        const rest = f32x4.sub(f32x4.sub(inner, levels), f32x4.mul(unit, slopes));
        v128.store(dx + at, f32x4.mul(rest, inverses));
      }
      for (let at = end; at < stride; at += 4) {
        const unit = (load<f32>(x + at) - mean) * inverse;
        const inner = load<f32>(dy + at) * load<f32>(weight + at);
        store<f32>(dx + at, (inner - level - unit * slope) * inverse);
      }
    }
    x += stride, dy += stride, dx += stride, from += 8;
  }
}
