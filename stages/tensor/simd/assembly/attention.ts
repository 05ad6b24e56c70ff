/**
 * Attention of one head of one body, sixteen queries at a time: their scores against all keys are a panel
 * (keys x 16), which stays in the first caches and is all of the weights that ever exists.
 *
 * Rows of q, k and v lie within rows of 3 D numbers: q, then k, then v, each head by head. What is worked
 * on is copied first: tokens up to a multiple of eight, numbers of a head likewise, zeros in between.
 */
import { expTable } from "./exp";
import { madd } from "./madd";
import { packRows } from "./pack";
import { rowsByPanel } from "./tile";
import { wideLargest, wideWeigh } from "./weights";
import { wideColumnsByPanel, wideRowsByPanel } from "./wide_product";

/** Queries of a panel, and bytes of a row of it. */
const QUERIES: i32 = 16;
const ROW: usize = 64;

/**
 * Output of each token and what its weights were scaled by.
 *
 * Arguments: qkv (bodies, tokens, 3 D), out (bodies, tokens, D), largest scores and inverse sums of
 * weights (each bodies, heads, tokens), tokens, D, heads, what scores are scaled by (f32), memory to work
 * in (0: scratch) and its bytes for an item. Items: heads of bodies, heads faster.
 */
export function attend(args: usize, item: i32, scratch: usize): void {
  const tokens = load<i32>(args, 16), width = load<i32>(args, 20), heads = load<i32>(args, 24);
  const scale = load<f32>(args, 28);
  const depth = width / heads, paddedDepth = (depth + 7) & ~7, padded = (tokens + 7) & ~7;
  const body = item / heads, head = item % heads;
  const qkv = load<usize>(args) + numbers(body * tokens * 3 * width + head * depth);
  const out = load<usize>(args, 4) + numbers(body * tokens * width + head * depth);
  const most = load<usize>(args, 8) + numbers(item * tokens);
  const inverse = load<usize>(args, 12) + numbers(item * tokens);
  const row = numbers(3 * width), step = numbers(paddedDepth);

  const own = load<usize>(args, 32);
  const keys = own == 0 ? scratch : own + (item as usize) * load<usize>(args, 36);
  const values = keys + (padded as usize) * step;
  const panel = values + (padded as usize) * step;
  const rows = panel + (padded as usize) * ROW;
  const query = rows + step * QUERIES;
  const output = query + step * QUERIES;
  const ends = output + step * QUERIES;
  const table = expTable(scratch);
  take(qkv + numbers(width), row, tokens, depth, 1, keys, padded, paddedDepth);
  take(qkv + numbers(2 * width), row, tokens, depth, 1, values, padded, paddedDepth);
  for (let i = 0; i < tokens; i += QUERIES) {
    const count = min(QUERIES, tokens - i);
    take(qkv + (i as usize) * row, row, count, depth, scale, rows, QUERIES, paddedDepth);
    turn(rows, step, paddedDepth, query);
    wideRowsByPanel(keys, step, padded, query, 32, ROW, paddedDepth, panel, ROW, false);
    wideLargest(panel, tokens, ends);
    wideWeigh(panel, tokens, ends, ends + ROW, table);
    memory.fill(panel + (tokens as usize) * ROW, 0, ((padded - tokens) as usize) * ROW);
    wideColumnsByPanel(values, 16, step, paddedDepth, panel, 32, ROW, padded, output, ROW, false);
    for (let r = 0; r < QUERIES; r++) {
      const at = numbers(r);
      const share: f32 = 1 / load<f32>(ends + at, 64);
      if (r < count) {
        store<f32>(most + numbers(i + r), load<f32>(ends + at));
        store<f32>(inverse + numbers(i + r), share);
      }
      store<f32>(ends + at, share, 64);
    }
    turnBack(output, depth, count, ends + ROW, out + numbers(i * width), numbers(width));
  }
}

/**
 * Gradients of q, k and v. With P the weights as shares: dV = P^T dO, dS = P (dO V^T - rowsum(dO O)),
 * dQ = dS K, dK = dS^T Q. The inverse sums go into dO.
 *
 * Arguments: qkv, out, largest scores, inverse sums as in {@link attend}, dOut (bodies, tokens, D),
 * dQkv (bodies, tokens, 3 D), tokens, D, heads, scale (f32), memory to work in (0: scratch) and its bytes
 * for an item. Items as there.
 */
export function attendGradient(args: usize, item: i32, scratch: usize): void {
  const tokens = load<i32>(args, 24), width = load<i32>(args, 28), heads = load<i32>(args, 32);
  const scale = load<f32>(args, 36);
  const depth = width / heads, paddedDepth = (depth + 7) & ~7, padded = (tokens + 7) & ~7;
  const body = item / heads, head = item % heads;
  const offset = numbers(body * tokens * width + head * depth);
  const out = load<usize>(args, 4) + offset, dOut = load<usize>(args, 16) + offset;
  const offset3 = numbers(body * tokens * 3 * width + head * depth);
  const qkv = load<usize>(args) + offset3, dQkv = load<usize>(args, 20) + offset3;
  const most = load<usize>(args, 8) + numbers(item * tokens);
  const inverse = load<usize>(args, 12) + numbers(item * tokens);
  const row = numbers(3 * width), narrow = numbers(width), step = numbers(paddedDepth);

  const own = load<usize>(args, 40);
  const size = (padded as usize) * step;
  const keys = own == 0 ? scratch : own + (item as usize) * load<usize>(args, 44);
  const values = keys + size;
  const dKeys = values + size;
  const dValues = dKeys + size;
  const panel = dValues + size;
  const dPanel = panel + (padded as usize) * ROW;
  // Queries of a panel and their flows: as rows, and turned.
  const queries = dPanel + (padded as usize) * ROW;
  const flows = queries + step * QUERIES;
  const query = flows + step * QUERIES;
  const flow = query + step * QUERIES;
  const dQuery = flow + step * QUERIES;
  const ends = dQuery + step * QUERIES;
  const table = expTable(scratch);
  take(qkv + numbers(width), row, tokens, depth, 1, keys, padded, paddedDepth);
  take(qkv + numbers(2 * width), row, tokens, depth, 1, values, padded, paddedDepth);
  memory.fill(dKeys, 0, size << 1);
  for (let i = 0; i < tokens; i += QUERIES) {
    const count = min(QUERIES, tokens - i);
    take(qkv + (i as usize) * row, row, count, depth, scale, queries, QUERIES, paddedDepth);
    memory.fill(flows, 0, step * QUERIES);
    memory.fill(ends, 0, 3 * ROW);
    for (let r = 0; r < count; r++) {
      const from = dOut + (i + r as usize) * narrow, f = flows + (r as usize) * step;
      const o = out + (i + r as usize) * narrow, share = load<f32>(inverse + numbers(i + r));
      store<f32>(ends + numbers(r), load<f32>(most + numbers(i + r)));
      store<f32>(ends + numbers(r), scaledDot(from, o, share, depth, f), 64);
    }
    turn(queries, step, paddedDepth, query);
    turn(flows, step, paddedDepth, flow);
    wideRowsByPanel(keys, step, padded, query, 32, ROW, paddedDepth, panel, ROW, false);
    wideRowsByPanel(values, step, padded, flow, 32, ROW, paddedDepth, dPanel, ROW, false);
    wideWeigh(panel, tokens, ends, ends + 2 * ROW, table);
    memory.fill(panel + (tokens as usize) * ROW, 0, ((padded - tokens) as usize) * ROW);
    flowBack(panel, dPanel, padded, ends + ROW);
    addRows(panel, padded, flows, paddedDepth, dValues);
    addRows(dPanel, padded, queries, paddedDepth, dKeys);
    wideColumnsByPanel(keys, 16, step, paddedDepth, dPanel, 32, ROW, padded, dQuery, ROW, false);
    for (let at: usize = 0; at < ROW; at += 4) store<f32>(ends + at, scale);
    turnBack(dQuery, depth, count, ends, dQkv + (i as usize) * row, row);
  }
  for (let i = 0; i < tokens; i++) {
    const to = dQkv + (i as usize) * row, at = (i as usize) * step;
    memory.copy(to + numbers(width), dKeys + at, numbers(depth));
    memory.copy(to + numbers(2 * width), dValues + at, numbers(depth));
  }
}

/** to (rows x paddedDepth) += panel (rows x 16) times sixteen rows of `paddedDepth` numbers. */
function addRows(panel: usize, rows: i32, from: usize, paddedDepth: i32, to: usize): void {
  const step = numbers(paddedDepth);
  let e: usize = 0;
  for (; e + 64 <= step; e += 64) {
    wideRowsByPanel(panel, ROW, rows, from + e, 32, step, QUERIES, to + e, step, true);
  }
  if (e < step) rowsByPanel(panel, ROW, rows, from + e, step, QUERIES, to + e, step, true);
}

/** to = share x, for `count` numbers of x. Returns the sum of `share x y`. */
function scaledDot(x: usize, y: usize, share: f32, count: i32, to: usize): f32 {
  const wide = f32x4.splat(share);
  let sums = f32x4.splat(0);
  let i = 0;
  for (; i + 4 <= count; i += 4, x += 16, y += 16, to += 16) {
    const scaled = f32x4.mul(wide, v128.load(x));
    v128.store(to, scaled);
    sums = madd(scaled, v128.load(y), sums);
  }
  let sum = f32x4.extract_lane(sums, 0) + f32x4.extract_lane(sums, 1) +
    f32x4.extract_lane(sums, 2) + f32x4.extract_lane(sums, 3);
  for (; i < count; i++, x += 4, y += 4, to += 4) {
    const scaled = share * load<f32>(x);
    store<f32>(to, scaled);
    sum += scaled * load<f32>(y);
  }
  return sum;
}

/** dS = weights (dP - level) in place of dP, for a panel (rows x 16) and 16 levels. */
function flowBack(weights: usize, dPanel: usize, rows: i32, level: usize): void {
  const level0 = v128.load(level), level1 = v128.load(level, 16);
  const level2 = v128.load(level, 32), level3 = v128.load(level, 48);
  for (const end = dPanel + (rows as usize) * ROW; dPanel < end; dPanel += ROW, weights += ROW) {
    const s0 = f32x4.mul(v128.load(weights), f32x4.sub(v128.load(dPanel), level0));
    const s1 = f32x4.mul(v128.load(weights, 16), f32x4.sub(v128.load(dPanel, 16), level1));
    const s2 = f32x4.mul(v128.load(weights, 32), f32x4.sub(v128.load(dPanel, 32), level2));
    const s3 = f32x4.mul(v128.load(weights, 48), f32x4.sub(v128.load(dPanel, 48), level3));
    v128.store(dPanel, s0), v128.store(dPanel, s1, 16);
    v128.store(dPanel, s2, 32), v128.store(dPanel, s3, 48);
  }
}

/** Rows of `depth` numbers, scaled, to rows of `paddedDepth`, and zeros up to `padded` rows. */
function take(
  from: usize,
  stride: usize,
  rows: i32,
  depth: i32,
  scale: f32,
  to: usize,
  padded: i32,
  paddedDepth: i32,
): void {
  const step = numbers(paddedDepth), wide = numbers(depth & ~3);
  const factor = f32x4.splat(scale);
  if (depth < paddedDepth) memory.fill(to, 0, (rows as usize) * step);
  for (let i = 0; i < rows; i++) {
    let at: usize = 0;
    for (; at < wide; at += 16) v128.store(to + at, f32x4.mul(factor, v128.load(from + at)));
    for (; at < numbers(depth); at += 4) store<f32>(to + at, scale * load<f32>(from + at));
    from += stride, to += step;
  }
  memory.fill(to, 0, ((padded - rows) as usize) * step);
}

/** Sixteen rows of `paddedDepth` numbers as a panel (paddedDepth x 16). */
function turn(from: usize, step: usize, paddedDepth: i32, to: usize): void {
  for (let r: usize = 0; r < 4; r++) {
    packRows(from + 4 * r * step, step, 4, paddedDepth, paddedDepth, to + 16 * r, ROW);
  }
}

/** The first `count` columns of a panel (depth x 16), times 16 factors, to rows of `depth` numbers. */
function turnBack(
  from: usize,
  depth: i32,
  count: i32,
  factors: usize,
  to: usize,
  stride: usize,
): void {
  for (let e = 0, at = from; e < depth; e++, at += ROW) {
    for (let r: usize = 0; r < ROW; r += 16) {
      v128.store(at + r, f32x4.mul(v128.load(factors + r), v128.load(at + r)));
    }
  }
  let e = 0;
  if ((count & 3) === 0) {
    for (; e + 4 <= depth; e += 4) {
      packRows(from + ROW * e, ROW, 4, count, count, to + numbers(e), stride);
    }
  }
  for (; e < depth; e++) {
    const column = to + numbers(e), at = from + ROW * e;
    for (let r = 0; r < count; r++) {
      store<f32>(column + (r as usize) * stride, load<f32>(at + numbers(r)));
    }
  }
}

/** Bytes of so many numbers. */
function numbers(count: i32): usize {
  return (count as usize) << 2;
}
