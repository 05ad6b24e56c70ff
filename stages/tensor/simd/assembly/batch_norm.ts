// deno-fmt-ignore-file: it would drop the decorators of functions
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

@inline
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

@inline
function pass(args: usize, item: i32, rectified: bool): void {
  const columns = load<i32>(args, 16), length = load<i32>(args, 20);
  const row = item * length, count = min(length, load<i32>(args, 12) - row);
  const stride = (columns as usize) << 2, end = ((columns & ~15) as usize) << 2;
  const fours = ((columns & 12) as usize) << 2, rest = ((columns & 3) as usize) << 2;
  let x = load<usize>(args) + (row as usize) * stride;
  let y = load<usize>(args, 4) + (row as usize) * stride;
  const k = load<usize>(args, 8);
  for (let i = 0; i < count; i++) {
    let m = k;
    for (const last = x + end; x < last;) {
      const s = m + 2 * stride, o = m + 3 * stride;
      fourOf(x, m, s, o, y, 0, rectified), fourOf(x, m, s, o, y, 1, rectified);
      fourOf(x, m, s, o, y, 2, rectified), fourOf(x, m, s, o, y, 3, rectified);
      x += 64, y += 64, m += 64;
    }
    for (const last = x + fours; x < last;) {
      fourOf(x, m, m + 2 * stride, m + 3 * stride, y, 0, rectified);
      x += 16, y += 16, m += 16;
    }
    for (const last = x + rest; x < last;) {
      const value = (load<f32>(x) - load<f32>(m)) * load<f32>(m + 2 * stride) +
        load<f32>(m + 3 * stride);
      store<f32>(y, rectified && value < 0 ? 0 : value);
      x += 4, y += 4, m += 4;
    }
  }
}

@inline
function fourOf(
  x: usize,
  mean: usize,
  scale: usize,
  offset: usize,
  y: usize,
  part: usize,
  rectified: bool,
): void {
  let value = affine(
    v128.load(x + 16 * part),
    v128.load(mean + 16 * part),
    v128.load(scale + 16 * part),
    v128.load(offset + 16 * part),
  );
  if (rectified) value = f32x4.pmax(value, f32x4.splat(0));
  v128.store(y + 16 * part, value);
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

@inline
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

@inline
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
  const stride = (columns as usize) << 2, end = ((columns & ~15) as usize) << 2;
  const fours = ((columns & 12) as usize) << 2, rest = ((columns & 3) as usize) << 2;
  const wide = f32x4.splat(factor);
  for (let i = 0; i < count; i++) {
    let m = k, n = l, b = bit + i * columns;
    for (const last = h + end; h < last;) {
      const s = m + 2 * stride, o = m + 3 * stride, t = n + 2 * stride, u = n + 3 * stride;
      const word = dropping ? i32x4.splat(sixteen(kept, b)) : wide;
      four(h, m, s, o, r, n, t, u, y, word, 0, wide, sum, dropping);
      four(h, m, s, o, r, n, t, u, y, word, 1, wide, sum, dropping);
      four(h, m, s, o, r, n, t, u, y, word, 2, wide, sum, dropping);
      four(h, m, s, o, r, n, t, u, y, word, 3, wide, sum, dropping);
      h += 64, r += 64, y += 64, m += 64, n += 64, b += 16;
    }
    for (const last = h + fours; h < last;) {
      const s = m + 2 * stride, o = m + 3 * stride, t = n + 2 * stride, u = n + 3 * stride;
      const word = dropping ? i32x4.splat(sixteen(kept, b)) : wide;
      four(h, m, s, o, r, n, t, u, y, word, 0, wide, sum, dropping);
      h += 16, r += 16, y += 16, m += 16, n += 16, b += 4;
    }
    for (const last = h + rest; h < last;) {
      let value = (load<f32>(h) - load<f32>(m)) * load<f32>(m + 2 * stride) +
        load<f32>(m + 3 * stride);
      if (dropping) value = (sixteen(kept, b) & 1) === 0 ? 0 : value * factor;
      if (sum === TENSOR) value += load<f32>(r);
      if (sum === NORMALISED) {
        value += (load<f32>(r) - load<f32>(n)) * load<f32>(n + 2 * stride) +
          load<f32>(n + 3 * stride);
      }
      store<f32>(y, value < 0 ? 0 : value);
      h += 4, r += 4, y += 4, m += 4, n += 4, b++;
    }
  }
}

/** Four columns of a row; `part` counts in fours from where the pointers are. */
@inline
function four(
  h: usize,
  mean: usize,
  scale: usize,
  offset: usize,
  r: usize,
  otherMean: usize,
  otherScale: usize,
  otherOffset: usize,
  y: usize,
  word: v128,
  part: usize,
  factor: v128,
  sum: i32,
  dropping: bool,
): void {
  let value = affine(
    v128.load(h + 16 * part),
    v128.load(mean + 16 * part),
    v128.load(scale + 16 * part),
    v128.load(offset + 16 * part),
  );
  if (dropping) value = v128.and(f32x4.mul(value, factor), lanes(word, part));
  if (sum === TENSOR) value = f32x4.add(value, v128.load(r + 16 * part));
  if (sum === NORMALISED) {
    const other = affine(
      v128.load(r + 16 * part),
      v128.load(otherMean + 16 * part),
      v128.load(otherScale + 16 * part),
      v128.load(otherOffset + 16 * part),
    );
    value = f32x4.add(value, other);
  }
  v128.store(y + 16 * part, f32x4.pmax(value, f32x4.splat(0)));
}
