/**
 * Batch normalisation forward, in one pass: y = (x - mean) scale + offset by columns, with what follows
 * it. Coefficients are (4 x columns): mean, inverse deviation, scale, offset. Items are slices of rows, a
 * multiple of 16 numbers each.
 */
import { andBits, drawKept, drawPositive, lanes, sixteen } from "./bits";

/** What is added to a normalised tensor. */
const NOTHING: i32 = 0;
const TENSOR: i32 = 1;
const NORMALISED: i32 = 2;

// @ts-ignore: a decorator of AssemblyScript

function affine(x: v128, mean: v128, scale: v128, offset: v128): v128 {
  return f32x4.add(f32x4.mul(f32x4.sub(x, mean), scale), offset);
}

/**
 * y = (x - mean) scale + offset. Arguments: x, y, coefficients, rows, columns, rows of a slice.
 */
export function normalise(args: usize, item: i32, _scratch: usize): void {
  pass(args, item, false);
}

/** y = max((x - mean) scale + offset, 0). Arguments as of {@link normalise}. */
export function normaliseRelu(args: usize, item: i32, _scratch: usize): void {
  pass(args, item, true);
}

// @ts-ignore: a decorator of AssemblyScript

function pass(args: usize, item: i32, rectified: bool): void {
  const columns = load<i32>(args, 16), length = load<i32>(args, 20);
  const row = item * length, count = min(length, load<i32>(args, 12) - row);
  const stride = (columns as usize) << 2;
  let x = load<usize>(args) + (row as usize) * stride;
  let y = load<usize>(args, 4) + (row as usize) * stride;
  let k = load<usize>(args, 8);
  const zero = f32x4.splat(0);
  let c = 0;
  for (; c + 16 <= columns; c += 16) {
    const m0 = v128.load(k), m1 = v128.load(k, 16), m2 = v128.load(k, 32), m3 = v128.load(k, 48);
    const s = k + 2 * stride, o = k + 3 * stride;
    const s0 = v128.load(s), s1 = v128.load(s, 16), s2 = v128.load(s, 32), s3 = v128.load(s, 48);
    const o0 = v128.load(o), o1 = v128.load(o, 16), o2 = v128.load(o, 32), o3 = v128.load(o, 48);
    let from = x, to = y;
    for (let i = 0; i < count; i++) {
      let y0 = affine(v128.load(from), m0, s0, o0);
      let y1 = affine(v128.load(from, 16), m1, s1, o1);
      let y2 = affine(v128.load(from, 32), m2, s2, o2);
      let y3 = affine(v128.load(from, 48), m3, s3, o3);
      if (rectified) {
        y0 = f32x4.pmax(y0, zero), y1 = f32x4.pmax(y1, zero);
        y2 = f32x4.pmax(y2, zero), y3 = f32x4.pmax(y3, zero);
      }
      v128.store(to, y0), v128.store(to, y1, 16), v128.store(to, y2, 32), v128.store(to, y3, 48);
      from += stride, to += stride;
    }
    x += 64, y += 64, k += 64;
  }
  for (; c < columns; c++) {
    const m = load<f32>(k), s = load<f32>(k + 2 * stride), o = load<f32>(k + 3 * stride);
    let from = x, to = y;
    for (let i = 0; i < count; i++) {
      const value = (load<f32>(from) - m) * s + o;
      store<f32>(to, rectified && value < 0 ? 0 : value);
      from += stride, to += stride;
    }
    x += 4, y += 4, k += 4;
  }
}

/**
 * The end of a block: y = max(mask ((h - mean) scale + offset) + r, 0), r nothing. The mask is drawn
 * here, unless the threshold is 0.
 *
 * Arguments: h, coefficients, r, its coefficients, y, rows, columns, rows of a slice, key (two words),
 * threshold, scale of what is kept (f32), gate, kept. The last two are 0, or bits that are written: which
 * numbers of y are above 0, and which of these were kept.
 */
export function blockEnd(args: usize, item: i32, scratch: usize): void {
  if (load<i32>(args, 40) === 0) end(args, item, scratch, NOTHING, false);
  else end(args, item, scratch, NOTHING, true);
}

/** As {@link blockEnd}, r a tensor. */
export function blockEndSum(args: usize, item: i32, scratch: usize): void {
  if (load<i32>(args, 40) === 0) end(args, item, scratch, TENSOR, false);
  else end(args, item, scratch, TENSOR, true);
}

/** As {@link blockEnd}, r a tensor that is normalised by coefficients of its own. */
export function blockEndSumOfTwo(args: usize, item: i32, scratch: usize): void {
  if (load<i32>(args, 40) === 0) end(args, item, scratch, NORMALISED, false);
  else end(args, item, scratch, NORMALISED, true);
}

// @ts-ignore: a decorator of AssemblyScript

function end(args: usize, item: i32, scratch: usize, sum: i32, dropping: bool): void {
  const columns = load<i32>(args, 24), length = load<i32>(args, 28);
  const row = item * length, count = min(length, load<i32>(args, 20) - row);
  const stride = (columns as usize) << 2;
  const first = (row as usize) * stride;
  const gate = load<usize>(args, 48), bits = load<usize>(args, 52);
  const from = row * columns, numbers = count * columns;
  // Bits that nobody keeps go to memory of the thread's own, as if it began with this slice.
  const kept = bits === 0 ? scratch - (from >>> 3) : bits;
  if (dropping) {
    drawKept(kept, from, numbers, load<i32>(args, 32), load<i32>(args, 36), load<i32>(args, 40));
  }
  rows(
    load<usize>(args) + first,
    load<usize>(args, 4),
    load<usize>(args, 8) + first,
    load<usize>(args, 12),
    load<usize>(args, 16) + first,
    kept,
    from,
    count,
    columns,
    load<f32>(args, 44),
    sum,
    dropping,
  );
  if (gate !== 0) drawPositive(gate, load<usize>(args, 16), from, numbers);
  if (gate !== 0 && bits !== 0 && dropping) andBits(bits, gate, from, numbers);
}

// @ts-ignore: a decorator of AssemblyScript

function rows(
  h: usize,
  k: usize,
  r: usize,
  l: usize,
  y: usize,
  kept: usize,
  bit: i32,
  count: i32,
  columns: i32,
  factor: f32,
  sum: i32,
  dropping: bool,
): void {
  const stride = (columns as usize) << 2;
  let c = 0;
  for (; c + 16 <= columns; c += 16) {
    let at: usize = 0;
    let b = bit + c;
    for (let i = 0; i < count; i++) {
      const word = dropping ? i32x4.splat(sixteen(kept, b)) : f32x4.splat(0);
      four(h + at, k, r + at, l, y + at, stride, word, 0, factor, sum, dropping);
      four(
        h + at + 16,
        k + 16,
        r + at + 16,
        l + 16,
        y + at + 16,
        stride,
        word,
        1,
        factor,
        sum,
        dropping,
      );
      four(
        h + at + 32,
        k + 32,
        r + at + 32,
        l + 32,
        y + at + 32,
        stride,
        word,
        2,
        factor,
        sum,
        dropping,
      );
      four(
        h + at + 48,
        k + 48,
        r + at + 48,
        l + 48,
        y + at + 48,
        stride,
        word,
        3,
        factor,
        sum,
        dropping,
      );
      at += stride, b += columns;
    }
    h += 64, r += 64, y += 64, k += 64, l += 64;
  }
  for (; c < columns; c++) {
    let at: usize = 0;
    let b = bit + c;
    for (let i = 0; i < count; i++) {
      let value = (load<f32>(h + at) - load<f32>(k)) * load<f32>(k + 2 * stride) +
        load<f32>(k + 3 * stride);
      if (dropping) value = (sixteen(kept, b) & 1) === 0 ? 0 : value * factor;
      if (sum === TENSOR) value += load<f32>(r + at);
      if (sum === NORMALISED) {
        value += (load<f32>(r + at) - load<f32>(l)) * load<f32>(l + 2 * stride) +
          load<f32>(l + 3 * stride);
      }
      store<f32>(y + at, value < 0 ? 0 : value);
      at += stride, b += columns;
    }
    h += 4, r += 4, y += 4, k += 4, l += 4;
  }
}

// @ts-ignore: a decorator of AssemblyScript

function four(
  h: usize,
  k: usize,
  r: usize,
  l: usize,
  y: usize,
  stride: usize,
  word: v128,
  part: i32,
  factor: f32,
  sum: i32,
  dropping: bool,
): void {
  let value = affine(
    v128.load(h),
    v128.load(k),
    v128.load(k + 2 * stride),
    v128.load(k + 3 * stride),
  );
  if (dropping) value = v128.and(f32x4.mul(value, f32x4.splat(factor)), lanes(word, part));
  if (sum === TENSOR) value = f32x4.add(value, v128.load(r));
  if (sum === NORMALISED) {
    value = f32x4.add(
      value,
      affine(v128.load(r), v128.load(l), v128.load(l + 2 * stride), v128.load(l + 3 * stride)),
    );
  }
  v128.store(y, f32x4.pmax(value, f32x4.splat(0)));
}
