/**
 * Attention of one head of one body, eight queries at a time: their scores against all keys are a panel
 * (keys x 8), which stays in the first caches and is all of the weights that ever exists.
 *
 * Rows of q, k and v lie within rows of 3 D numbers: q, then k, then v, each head by head. What is worked
 * on is copied first: tokens up to a multiple of eight, numbers of a head likewise, zeros in between.
 */
import { expTable, largest, weigh } from "./exp";
import { columnsByPanel, rowsByPanel } from "./tile";

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
  const query = panel + ((padded as usize) << 5);
  const output = query + (step << 3);
  const ends = output + (step << 3);
  const table = expTable(scratch);
  take(qkv + numbers(width), row, tokens, depth, keys, padded, paddedDepth);
  take(qkv + numbers(2 * width), row, tokens, depth, values, padded, paddedDepth);
  for (let i = 0; i < tokens; i += 8) {
    const count = min(8, tokens - i);
    turn(qkv + (i as usize) * row, row, count, depth, scale, query, paddedDepth);
    rowsByPanel(keys, step, padded, query, 32, paddedDepth, panel, 32, false);
    largest(panel, tokens, ends);
    weigh(panel, tokens, ends, ends + 32, table);
    memory.fill(panel + ((tokens as usize) << 5), 0, ((padded - tokens) as usize) << 5);
    columnsByPanel(values, 16, step, paddedDepth, panel, 32, padded, output, 32, false);
    for (let r = 0; r < count; r++) {
      const at = numbers(r);
      const share: f32 = 1 / load<f32>(ends + at, 32);
      store<f32>(most + numbers(i + r), load<f32>(ends + at));
      store<f32>(inverse + numbers(i + r), share);
      const to = out + numbers((i + r) * width);
      for (let e = 0; e < depth; e++) {
        store<f32>(to + numbers(e), share * load<f32>(output + ((e as usize) << 5) + at));
      }
    }
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
  const dPanel = panel + ((padded as usize) << 5);
  // Eight queries and their flows: as rows, and turned.
  const queries = dPanel + ((padded as usize) << 5);
  const flows = queries + (step << 3);
  const query = flows + (step << 3);
  const flow = query + (step << 3);
  const dQuery = flow + (step << 3);
  const ends = dQuery + (step << 3);
  const table = expTable(scratch);
  take(qkv + numbers(width), row, tokens, depth, keys, padded, paddedDepth);
  take(qkv + numbers(2 * width), row, tokens, depth, values, padded, paddedDepth);
  memory.fill(dKeys, 0, size << 1);
  for (let i = 0; i < tokens; i += 8) {
    const count = min(8, tokens - i);
    take(qkv + (i as usize) * row, row, count, depth, queries, 8, paddedDepth);
    take(dOut + (i as usize) * narrow, narrow, count, depth, flows, 8, paddedDepth);
    memory.fill(ends, 0, 96);
    for (let r = 0; r < count; r++) {
      const q = queries + (r as usize) * step, f = flows + (r as usize) * step;
      const o = out + numbers((i + r) * width), share = load<f32>(inverse + numbers(i + r));
      let level: f32 = 0;
      for (let at: usize = 0; at < numbers(depth); at += 4) {
        store<f32>(q + at, scale * load<f32>(q + at));
        const flowing = share * load<f32>(f + at);
        store<f32>(f + at, flowing);
        level += flowing * load<f32>(o + at);
      }
      store<f32>(ends + numbers(r), load<f32>(most + numbers(i + r)));
      store<f32>(ends + numbers(r), level, 32);
    }
    turn(queries, step, 8, depth, 1, query, paddedDepth);
    turn(flows, step, 8, depth, 1, flow, paddedDepth);
    rowsByPanel(keys, step, padded, query, 32, paddedDepth, panel, 32, false);
    rowsByPanel(values, step, padded, flow, 32, paddedDepth, dPanel, 32, false);
    weigh(panel, tokens, ends, ends + 64, table);
    memory.fill(panel + ((tokens as usize) << 5), 0, ((padded - tokens) as usize) << 5);
    flowBack(panel, dPanel, padded, ends + 32);
    for (let e: usize = 0; e < step; e += 32) {
      rowsByPanel(panel, 32, padded, flows + e, step, 8, dValues + e, step, true);
      rowsByPanel(dPanel, 32, padded, queries + e, step, 8, dKeys + e, step, true);
    }
    columnsByPanel(keys, 16, step, paddedDepth, dPanel, 32, padded, dQuery, 32, false);
    for (let r = 0; r < count; r++) {
      const to = dQkv + ((i + r) as usize) * row;
      for (let e = 0; e < depth; e++) {
        store<f32>(
          to + numbers(e),
          scale * load<f32>(dQuery + ((e as usize) << 5) + numbers(r)),
        );
      }
    }
  }
  for (let i = 0; i < tokens; i++) {
    const to = dQkv + (i as usize) * row, at = (i as usize) * step;
    memory.copy(to + numbers(width), dKeys + at, numbers(depth));
    memory.copy(to + numbers(2 * width), dValues + at, numbers(depth));
  }
}

/** dS = weights (dP - level) in place of dP, for a panel (rows x 8) and 8 levels. */
function flowBack(weights: usize, dPanel: usize, rows: i32, level: usize): void {
  const level0 = v128.load(level), level1 = v128.load(level, 16);
  for (const end = dPanel + ((rows as usize) << 5); dPanel < end; dPanel += 32, weights += 32) {
    v128.store(
      dPanel,
      f32x4.mul(v128.load(weights), f32x4.sub(v128.load(dPanel), level0)),
    );
    v128.store(
      dPanel,
      f32x4.mul(v128.load(weights, 16), f32x4.sub(v128.load(dPanel, 16), level1)),
      16,
    );
  }
}

/** Rows of `depth` numbers to rows of `paddedDepth`, and zeros up to `padded` rows. */
function take(
  from: usize,
  stride: usize,
  rows: i32,
  depth: i32,
  to: usize,
  padded: i32,
  paddedDepth: i32,
): void {
  const step = numbers(paddedDepth);
  if (depth < paddedDepth) memory.fill(to, 0, (rows as usize) * step);
  for (let i = 0; i < rows; i++) {
    for (let at: usize = 0; at < numbers(depth); at += 4) {
      store<f32>(to + at, load<f32>(from + at));
    }
    from += stride, to += step;
  }
  memory.fill(to, 0, ((padded - rows) as usize) * step);
}

/** Up to eight rows of `depth` numbers, scaled, as a panel (paddedDepth x 8); zeros where there are none. */
function turn(
  from: usize,
  stride: usize,
  rows: i32,
  depth: i32,
  scale: f32,
  to: usize,
  paddedDepth: i32,
): void {
  if (rows < 8 || depth < paddedDepth) memory.fill(to, 0, (paddedDepth as usize) << 5);
  for (let r = 0; r < rows; r++) {
    for (let e = 0; e < depth; e++) {
      store<f32>(to + ((e as usize) << 5) + numbers(r), scale * load<f32>(from + numbers(e)));
    }
    from += stride;
  }
}

/** Bytes of so many numbers. */
function numbers(count: i32): usize {
  return (count as usize) << 2;
}
