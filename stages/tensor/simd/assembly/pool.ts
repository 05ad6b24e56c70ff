/** Means over tokens, plain or split by a mask, and their gradients. */
import { madd } from "./madd";

/** Columns in an item. */
const COLUMNS: i32 = 128;

/**
 * Mean of the rows of x (rows x columns): (columns). Arguments: x, y, rows, columns. Items: 128 columns.
 */
export function meanOfRows(args: usize, item: i32, _scratch: usize): void {
  const rows = load<i32>(args, 8), columns = load<i32>(args, 12);
  const stride = (columns as usize) << 2;
  const first = item * COLUMNS, end = min(columns, first + COLUMNS);
  const x = load<usize>(args), y = load<usize>(args, 4);
  const share: f32 = 1 / (rows as f32);
  const wide = f32x4.splat(share), zero = f32x4.splat(0);
  let c = first;
  for (; c + 32 <= end; c += 32) {
    let at = x + ((c as usize) << 2);
    let s0 = zero, s1 = zero, s2 = zero, s3 = zero, s4 = zero, s5 = zero, s6 = zero, s7 = zero;
    for (let i = 0; i < rows; i++) {
      s0 = f32x4.add(s0, v128.load(at)), s1 = f32x4.add(s1, v128.load(at, 16));
      s2 = f32x4.add(s2, v128.load(at, 32)), s3 = f32x4.add(s3, v128.load(at, 48));
      s4 = f32x4.add(s4, v128.load(at, 64)), s5 = f32x4.add(s5, v128.load(at, 80));
      s6 = f32x4.add(s6, v128.load(at, 96)), s7 = f32x4.add(s7, v128.load(at, 112));
      at += stride;
    }
    const to = y + ((c as usize) << 2);
    v128.store(to, f32x4.mul(s0, wide)), v128.store(to, f32x4.mul(s1, wide), 16);
    v128.store(to, f32x4.mul(s2, wide), 32), v128.store(to, f32x4.mul(s3, wide), 48);
    v128.store(to, f32x4.mul(s4, wide), 64), v128.store(to, f32x4.mul(s5, wide), 80);
    v128.store(to, f32x4.mul(s6, wide), 96), v128.store(to, f32x4.mul(s7, wide), 112);
  }
  for (; c < end; c++) {
    let at = x + ((c as usize) << 2);
    let sum: f32 = 0;
    for (let i = 0; i < rows; i++) sum += load<f32>(at), at += stride;
    store<f32>(y + ((c as usize) << 2), sum * share);
  }
}

/**
 * Each row of y (rows x columns) is factor x (columns). Arguments: x, y, rows, columns, factor (f32),
 * rows of an item.
 */
export function spreadRow(args: usize, item: i32, _scratch: usize): void {
  const columns = load<i32>(args, 12), length = load<i32>(args, 20);
  const factor = load<f32>(args, 16);
  const wide = f32x4.splat(factor);
  const row = item * length, last = min(load<i32>(args, 8), row + length);
  const x = load<usize>(args);
  let to = load<usize>(args, 4) + (((row * columns) as usize) << 2);
  for (let i = row; i < last; i++) {
    let from = x;
    let c = 0;
    for (; c + 4 <= columns; c += 4) {
      v128.store(to, f32x4.mul(v128.load(from), wide));
      from += 16, to += 16;
    }
    for (; c < columns; c++) {
      store<f32>(to, load<f32>(from) * factor);
      from += 4, to += 4;
    }
  }
}

/**
 * Means over the tokens of f mask and of f (1 - mask): y (2 x bodies x size). Arguments: f, mask
 * (bodies x tokens x size), y, bodies, tokens, size. Items: for each body, 128 columns at a time.
 */
export function maskPool(args: usize, item: i32, _scratch: usize): void {
  const bodies = load<i32>(args, 12), tokens = load<i32>(args, 16), size = load<i32>(args, 20);
  const groups = (size + COLUMNS - 1) / COLUMNS;
  const body = item / groups;
  const first = (item % groups) * COLUMNS, end = min(size, first + COLUMNS);
  const stride = (size as usize) << 2;
  const start = (body as usize) * (tokens as usize) * stride;
  const f = load<usize>(args) + start, mask = load<usize>(args, 4) + start;
  const salient = load<usize>(args, 8) + (body as usize) * stride;
  const other = salient + (bodies as usize) * stride;
  const share: f32 = 1 / (tokens as f32);
  const wide = f32x4.splat(share), zero = f32x4.splat(0);
  let c = first;
  for (; c + 16 <= end; c += 16) {
    let at = (c as usize) << 2;
    let s0 = zero, s1 = zero, s2 = zero, s3 = zero;
    let p0 = zero, p1 = zero, p2 = zero, p3 = zero;
    for (let i = 0; i < tokens; i++) {
      const x0 = v128.load(f + at), x1 = v128.load(f + at, 16);
      const x2 = v128.load(f + at, 32), x3 = v128.load(f + at, 48);
      s0 = f32x4.add(s0, x0), s1 = f32x4.add(s1, x1);
      s2 = f32x4.add(s2, x2), s3 = f32x4.add(s3, x3);
      p0 = madd(x0, v128.load(mask + at), p0), p1 = madd(x1, v128.load(mask + at, 16), p1);
      p2 = madd(x2, v128.load(mask + at, 32), p2), p3 = madd(x3, v128.load(mask + at, 48), p3);
      at += stride;
    }
    const to = (c as usize) << 2;
    v128.store(salient + to, f32x4.mul(p0, wide));
    v128.store(salient + to, f32x4.mul(p1, wide), 16);
    v128.store(salient + to, f32x4.mul(p2, wide), 32);
    v128.store(salient + to, f32x4.mul(p3, wide), 48);
    v128.store(other + to, f32x4.mul(f32x4.sub(s0, p0), wide));
    v128.store(other + to, f32x4.mul(f32x4.sub(s1, p1), wide), 16);
    v128.store(other + to, f32x4.mul(f32x4.sub(s2, p2), wide), 32);
    v128.store(other + to, f32x4.mul(f32x4.sub(s3, p3), wide), 48);
  }
  for (; c < end; c++) {
    let at = (c as usize) << 2;
    let s: f32 = 0, p: f32 = 0;
    for (let i = 0; i < tokens; i++) {
      const x = load<f32>(f + at);
      s += x, p += x * load<f32>(mask + at);
      at += stride;
    }
    store<f32>(salient + ((c as usize) << 2), p * share);
    store<f32>(other + ((c as usize) << 2), (s - p) * share);
  }
}

/** Tokens in an item of {@link maskPoolGradient}. */
const TOKENS: i32 = 64;

/**
 * Gradients of {@link maskPool}: df = (mask (ds - dn) + dn) / tokens, dmask = f (ds - dn) / tokens.
 * Arguments: f, mask, dy (2 x bodies x size), df or 0, dmask or 0, bodies, tokens, size. Items: for each
 * body, 64 tokens at a time.
 */
export function maskPoolGradient(args: usize, item: i32, scratch: usize): void {
  const bodies = load<i32>(args, 20), tokens = load<i32>(args, 24), size = load<i32>(args, 28);
  const groups = (tokens + TOKENS - 1) / TOKENS;
  const body = item / groups;
  const first = (item % groups) * TOKENS, count = min(TOKENS, tokens - first);
  const stride = (size as usize) << 2;
  const start = ((body * tokens + first) as usize) * stride;
  const f = load<usize>(args) + start, mask = load<usize>(args, 4) + start;
  const dy = load<usize>(args, 8) + (body as usize) * stride;
  const df = load<usize>(args, 12), dMask = load<usize>(args, 16);
  // Scaled once: the gradient of the one part, and the difference of the two.
  const share: f32 = 1 / (tokens as f32);
  const level = scratch, slope = scratch + stride;
  for (let at: usize = 0; at < stride; at += 4) {
    const other = load<f32>(dy + (bodies as usize) * stride + at) * share;
    store<f32>(level + at, other);
    store<f32>(slope + at, load<f32>(dy + at) * share - other);
  }
  const end = ((size & ~3) as usize) << 2;
  if (df !== 0) {
    for (let i = 0; i < count; i++) {
      const row = (i as usize) * stride;
      for (let at: usize = 0; at < end; at += 16) {
        v128.store(
          df + start + row + at,
          madd(v128.load(mask + row + at), v128.load(slope + at), v128.load(level + at)),
        );
      }
      for (let at = end; at < stride; at += 4) {
        store<f32>(
          df + start + row + at,
          load<f32>(mask + row + at) * load<f32>(slope + at) + load<f32>(level + at),
        );
      }
    }
  }
  if (dMask === 0) return;
  for (let i = 0; i < count; i++) {
    const row = (i as usize) * stride;
    for (let at: usize = 0; at < end; at += 16) {
      v128.store(dMask + start + row + at, f32x4.mul(v128.load(f + row + at), v128.load(slope + at)));
    }
    for (let at = end; at < stride; at += 4) {
      store<f32>(dMask + start + row + at, load<f32>(f + row + at) * load<f32>(slope + at));
    }
  }
}

/**
 * Mean over the bodies of each clip: y (clips x size) of x (clips x bodies x size). Arguments: x, y,
 * clips, bodies, size. One item.
 */
export function meanOfBodies(args: usize, _item: i32, _scratch: usize): void {
  const clips = load<i32>(args, 8), bodies = load<i32>(args, 12);
  const size = (load<i32>(args, 16) as usize) << 2;
  let x = load<usize>(args), y = load<usize>(args, 4);
  const count = bodies as f32;
  for (let i = 0; i < clips; i++) {
    for (let at: usize = 0; at < size; at += 4) {
      let sum = load<f32>(x + at);
      for (let b = 1; b < bodies; b++) sum += load<f32>(x + at + (b as usize) * size);
      store<f32>(y + at, sum / count);
    }
    x += (bodies as usize) * size, y += size;
  }
}

/** The gradient of {@link meanOfBodies}. Arguments: dy, dx, clips, bodies, size. One item. */
export function meanOfBodiesGradient(args: usize, _item: i32, _scratch: usize): void {
  const clips = load<i32>(args, 8), bodies = load<i32>(args, 12);
  const size = (load<i32>(args, 16) as usize) << 2;
  let dy = load<usize>(args), dx = load<usize>(args, 4);
  const count = bodies as f32;
  for (let i = 0; i < clips; i++) {
    for (let b = 0; b < bodies; b++) {
      for (let at: usize = 0; at < size; at += 4) {
        store<f32>(dx + at, load<f32>(dy + at) / count);
      }
      dx += size;
    }
    dy += size;
  }
}
