/**
 * Gradients of a graph convolution's kernels, biases and edge importance, all from the products
 * P[e] = sum over rows r of x[from(e), r]^T dy[to(e), r], one an edge:
 * dW[k] = sum over e of A E P[e], and dE[e] = A <P[e], W[k(e)]>; and the same of the columns' sums of dy
 * for the biases.
 */
import { madd } from "./madd";
import { joined } from "./joined";
import { outerTile, wideOuterTile } from "./outer_tile";
import { panelsOfEight, panelsOfFour } from "./column_panels";
import { addScaled } from "./scaled_rows";

/** Words of an edge in the arguments: from, to, partition, A (f32), place in E, whether it is the first to `to`. */
const EDGE: i32 = 6;

/** Bytes of x and dy that are read again and again: they stay in the first cache. */
const NEAR: i32 = 32768;

/** Rows that are regrouped at once, where rows are long. */
const RUN: i32 = 256;

/** Numbers up to which a row is short: reading columns of rows so close together needs no panels. */
const SHORT: i32 = 64;

/**
 * Products by slice of rows and edge, (slices, edges, inner, outer), channels filled up to multiples of 4 and
 * 8; and, by slice and joint, columns' sums of dy, (slices, joints, outer), filled up likewise.
 *
 * Arguments: x, dy, products, sums, rows of a joint, inner, outer, slices, edges, joints, then the edges.
 * Items: slices by edges.
 */
export function graphConvProducts(args: usize, item: i32, scratch: usize): void {
  const rows = load<i32>(args, 16);
  const inner = load<i32>(args, 20);
  const outer = load<i32>(args, 24);
  const slices = load<i32>(args, 28);
  const edges = load<i32>(args, 32);
  const joints = load<i32>(args, 36);
  const slice = item / edges;
  const edge = args + 40 + (((item % edges) * EDGE as usize) << 2);
  const begin = slice * rows / slices;
  const end = (slice + 1) * rows / slices;
  const xRow = (inner as usize) << 2;
  const dyRow = (outer as usize) << 2;
  const x = load<usize>(args) + xRow * (load<i32>(edge) * rows);
  const dy = load<usize>(args, 4) + dyRow * (load<i32>(edge, 4) * rows);
  const fours = (inner + 3) / 4;
  const eights = (outer + 7) / 8;
  const row = (eights as usize) << 5;
  const to = load<usize>(args, 8) + row * (item * fours * 4);
  const short = inner <= SHORT && outer <= SHORT && (inner & 3) === 0 && (outer & 7) === 0;
  const run = short ? max(16, NEAR / 4 / (inner + outer)) : RUN;
  for (let first = begin; first < end; first += run) {
    const count = min(run, end - first);
    let xAt = x + xRow * first;
    let xStep = xRow;
    let xPanel: usize = 16;
    let dyAt = dy + dyRow * first;
    let dyStep = dyRow;
    let dyPanel: usize = 32;
    if (!short) {
      xPanel = (RUN as usize) << 4;
      dyPanel = (RUN as usize) << 5;
      panelsOfFour(xAt, count, xRow, inner, scratch, xPanel, 0, 0);
      xAt = scratch;
      xStep = 16;
      const panels = scratch + xPanel * fours;
      panelsOfEight(dyAt, count, dyRow, outer, panels, dyPanel);
      dyAt = panels;
      dyStep = 32;
    }
    const fresh = first === begin;
    for (let o = 0; o < eights;) {
      const wide = joined() && eights - o > 1;
      const y = dyAt + dyPanel * o;
      for (let c = 0; c < fours; c++) {
        const at = xAt + xPanel * c;
        const sums = to + row * (c << 2) + ((o as usize) << 5);
        if (wide) wideOuterTile(at, xStep, y, dyPanel, dyStep, count, sums, row, fresh);
        else outerTile(at, xStep, y, dyStep, count, sums, row, fresh);
      }
      o += wide ? 2 : 1;
    }
  }
  if (load<i32>(edge, 20) === 0) return;
  const sums = load<usize>(args, 12) + row * (slice * joints + load<i32>(edge, 4));
  columnSums(dy + dyRow * begin, end - begin, outer, sums);
}

/** Sums of the columns of rows that follow one another. */
function columnSums(x: usize, rows: i32, columns: i32, to: usize): void {
  const row = (columns as usize) << 2;
  const end = x + row * rows;
  let c: usize = 0;
  for (; c + 32 <= row; c += 32) {
    let low = f32x4.splat(0);
    let high = f32x4.splat(0);
    for (let at = x + c; at < end; at += row) {
      low = f32x4.add(low, v128.load(at));
      high = f32x4.add(high, v128.load(at, 16));
    }
    v128.store(to + c, low);
    v128.store(to + c, high, 16);
  }
  for (; c < row; c += 4) {
    let sum: f32 = 0;
    for (let at = x + c; at < end; at += row) sum += load<f32>(at);
    store<f32>(to + c, sum);
  }
}

/**
 * Adds the slices' products and sums into those of the first slice, and gives the edges' gradients
 * dE = A (<P, W[k]> + <sum of dy[to], b[k]>).
 *
 * Arguments: products, W (K, inner, outer), b (K, outer), dE, sums, inner, outer, slices, edges, joints, then
 * the edges. Items: edges.
 */
export function graphConvEdges(args: usize, item: i32, _scratch: usize): void {
  const inner = load<i32>(args, 20);
  const outer = load<i32>(args, 24);
  const slices = load<i32>(args, 28);
  const edges = load<i32>(args, 32);
  const joints = load<i32>(args, 36);
  const edge = args + 40 + ((item * EDGE as usize) << 2);
  const fours = (inner + 3) / 4;
  const row = (((outer + 7) & ~7) as usize) << 2;
  const bytes = row * (fours * 4);
  const own = load<usize>(args) + bytes * item;
  addSlices(own, slices, bytes * edges, row * inner);
  const partition = load<i32>(edge, 8);
  const w = load<usize>(args, 4) + ((partition * inner * outer as usize) << 2);
  let sum: f64 = 0;
  for (let c = 0; c < inner; c++) {
    sum += dot(own + row * c, w + ((c * outer as usize) << 2), outer);
  }
  // Each edge adds the sums by itself, in the same order: it may run beside the one that owns them.
  const sums = load<usize>(args, 16) + row * load<i32>(edge, 4);
  const b = load<usize>(args, 8) + ((partition * outer as usize) << 2);
  for (let o = 0; o < outer; o++) {
    const at = (o as usize) << 2;
    sum += (sumOf(sums + at, slices, row * joints) as f64) * (load<f32>(b + at) as f64);
  }
  const to = load<usize>(args, 12) + ((load<i32>(edge, 16) as usize) << 2);
  store<f32>(to, (sum * (load<f32>(edge, 12) as f64)) as f32);
}

function addSlices(to: usize, slices: i32, slice: usize, bytes: usize): void {
  if (slices === 1) return;
  for (let at: usize = 0; at < bytes; at += 16) {
    let from = to + at;
    let sum = v128.load(from);
    for (let i = 1; i < slices; i++) {
      from += slice;
      sum = f32x4.add(sum, v128.load(from));
    }
    v128.store(to + at, sum);
  }
}

function sumOf(from: usize, slices: i32, slice: usize): f32 {
  let sum: f32 = 0;
  for (let i = 0; i < slices; i++, from += slice) sum += load<f32>(from);
  return sum;
}

function dot(x: usize, y: usize, count: i32): f64 {
  let wide = f32x4.splat(0);
  let i = 0;
  for (; i + 4 <= count; i += 4, x += 16, y += 16) {
    wide = madd(v128.load(x), v128.load(y), wide);
  }
  let sum = (f32x4.extract_lane(wide, 0) as f64) + (f32x4.extract_lane(wide, 1) as f64) +
    (f32x4.extract_lane(wide, 2) as f64) + (f32x4.extract_lane(wide, 3) as f64);
  for (; i < count; i++, x += 4, y += 4) sum += (load<f32>(x) as f64) * (load<f32>(y) as f64);
  return sum;
}

/**
 * dW[k, c] = sum over the partition's edges of A E P[e, c], and db[k] = sum over them of A E times the columns'
 * sums of dy[to(e)].
 *
 * Arguments: products of the first slice, E, dW, db, sums, inner, outer, slices, edges, joints, then the edges,
 * by partition. Items: rows (k, c) of dW, then rows k of db.
 */
export function graphConvKernels(args: usize, item: i32, _scratch: usize): void {
  const inner = load<i32>(args, 20);
  const outer = load<i32>(args, 24);
  const slices = load<i32>(args, 28);
  const count = load<i32>(args, 32);
  const joints = load<i32>(args, 36);
  const edges = args + 40;
  const end = edges + ((count * EDGE as usize) << 2);
  const partitions = load<i32>(end - (EDGE << 2), 8) + 1;
  const row = (((outer + 7) & ~7) as usize) << 2;
  const bytes = row * ((inner + 3) & ~3);
  const biases = item >= partitions * inner;
  const partition = biases ? item - partitions * inner : item / inner;
  const to = biases
    ? load<usize>(args, 12) + ((partition * outer as usize) << 2)
    : load<usize>(args, 8) + ((item * outer as usize) << 2);
  const size = (outer as usize) << 2;
  memory.fill(to, 0, size);
  let product = load<usize>(args) + row * (item % inner);
  for (let edge = edges; edge < end; edge += EDGE << 2, product += bytes) {
    if (load<i32>(edge, 8) !== partition) continue;
    const coefficient = load<f32>(edge, 12) *
      load<f32>(load<usize>(args, 4) + ((load<i32>(edge, 16) as usize) << 2));
    if (!biases) {
      addScaled(product, coefficient, to, size, false);
      continue;
    }
    const sums = load<usize>(args, 16) + row * load<i32>(edge, 4);
    for (let o: usize = 0; o < size; o += 4) {
      store<f32>(to + o, load<f32>(to + o) + coefficient * sumOf(sums + o, slices, row * joints));
    }
  }
}
