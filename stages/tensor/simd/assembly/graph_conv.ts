/**
 * Spatial graph convolution, and its input gradient, which is one along the edges turned round.
 *
 * An item is a block of rows of one joint. A partition with a single edge into the joint is read where it
 * lies, its coefficient taken into the kernel; the sources of several edges are first added up.
 */
import { blockMoments, momentsBytes } from "./block_moments";
import { joined } from "./joined";
import { productTile, TALL, tallRows, tallTile } from "./product_tile";
import { addScaled } from "./scaled_rows";
import { WIDE, wideTile } from "./wide_tile";

/** Words of an edge in the arguments: joint read, partition, A (f32), place in E. */
const EDGE: i32 = 4;

/** Scratch: pointers to terms, partitions of terms, their coefficients, sixteen numbers to start sums from. */
const PARTITION: usize = 1024;
const COEFFICIENT: usize = 2048;
const START: usize = 3072;
const PANEL: usize = 4096;

/**
 * y[w, r] = sum over edges e into w of A[e] E[e] (x[from(e), r] W[k(e)] + b[k(e)]), for rows r = (t, b).
 *
 * Arguments: x, panels of W, y, b (K, outer; 0: none), E, moments (0: none wanted), rows of a joint, inner,
 * outer, partitions, rows of a block, joints, then for each joint the number of its first edge and at the
 * end the number of edges, then the edges by joint w, each joint's by partition. Items: joints by blocks.
 */
export function graphConv(args: usize, item: i32, scratch: usize): void {
  const x = load<usize>(args);
  const rows = load<i32>(args, 24);
  const inner = load<i32>(args, 28);
  const outer = load<i32>(args, 32);
  const partitions = load<i32>(args, 36);
  const block = load<i32>(args, 40);
  const joints = load<i32>(args, 44);
  const blocks = (rows + block - 1) / block;
  const joint = item / blocks;
  const first = item % blocks * block;
  const count = min(block, rows - first);
  const xRow = (inner as usize) << 2;
  const yRow = (outer as usize) << 2;
  const firstEdge = args + 48 + ((joint as usize) << 2);
  const edges = args + 48 + ((joints + 1 as usize) << 2);
  const begin = edges + ((load<i32>(firstEdge) * EDGE as usize) << 2);
  const end = edges + ((load<i32>(firstEdge, 4) * EDGE as usize) << 2);

  // Terms: one a partition that has edges into the joint.
  const panelBytes = xRow << 3;
  let gathered = scratch + PANEL + 2 * panelBytes * partitions;
  let terms = 0;
  for (let edge = begin; edge < end;) {
    const partition = load<i32>(edge, 4);
    let next = edge + (EDGE << 2);
    while (next < end && load<i32>(next, 4) === partition) next += EDGE << 2;
    const word = (terms as usize) << 2;
    store<i32>(scratch + PARTITION + word, partition);
    if (next === edge + (EDGE << 2)) {
      store<usize>(scratch + word, x + xRow * (load<i32>(edge) * rows + first));
      store<f32>(scratch + COEFFICIENT + word, coefficientOf(args, edge));
    } else {
      store<usize>(scratch + word, gathered);
      store<f32>(scratch + COEFFICIENT + word, 1);
      const bytes = xRow * count;
      for (let source = edge; source < next; source += EDGE << 2) {
        addScaled(
          x + xRow * (load<i32>(source) * rows + first),
          coefficientOf(args, source),
          gathered,
          bytes,
          source === edge,
        );
      }
      gathered += (bytes + 15) & ~15;
    }
    terms++;
    edge = next;
  }

  const y = load<usize>(args, 8) + yRow * (joint * rows + first);
  const panel = scratch + PANEL;
  const next = panelBytes * partitions;
  const tall = tallRows(count);
  for (let o = 0; o < outer;) {
    const wide = joined() && outer - o >= WIDE;
    const width = wide ? WIDE : min(8, outer - o);
    for (let half = 0; half < width; half += 8) {
      const panels = load<usize>(args, 4) + panelBytes * ((o + half) / 8 * partitions);
      const to = panel + next * (half >> 3);
      for (let i = 0; i < terms; i++) {
        const word = (i as usize) << 2;
        const from = panels + panelBytes * load<i32>(scratch + PARTITION + word);
        const coefficient = load<f32>(scratch + COEFFICIENT + word);
        addScaled(from, coefficient, to + panelBytes * i, panelBytes, true);
      }
      startOf(args, begin, end, o + half, min(8, width), scratch + START + (half << 2));
    }
    for (let r = 0; r < tall; r += TALL) {
      const to = y + yRow * r + ((o as usize) << 2);
      const start = scratch + START;
      if (wide) wideTile(scratch, terms, xRow * r, xRow, panel, next, start, to, yRow);
      else tallTile(scratch, terms, xRow * r, xRow, panel, start, to, yRow, width);
    }
    for (let half = 0; half < width; half += 8) {
      for (let r = tall; r < count; r += 4) {
        // Rows beyond the block are the last one again; they are not written.
        const left = count - 1 - r;
        productTile(
          scratch,
          terms,
          xRow * r,
          xRow,
          xRow * min(1, left),
          xRow * min(2, left),
          xRow * min(3, left),
          panel + next * (half >> 3),
          scratch + START + (half << 2),
          y + yRow * r + ((o + half as usize) << 2),
          yRow,
          2 * yRow,
          3 * yRow,
          min(4, left + 1),
          min(8, width),
        );
      }
    }
    o += width;
  }
  const moments = load<usize>(args, 20);
  if (moments !== 0) {
    blockMoments(y, 1, 0, count, outer, moments + momentsBytes(outer) * item);
  }
}

/** A E of an edge. */
function coefficientOf(args: usize, edge: usize): f32 {
  const importance = load<usize>(args, 16) + ((load<i32>(edge, 12) as usize) << 2);
  return load<f32>(edge, 8) * load<f32>(importance);
}

/** Sum over edges of A E b[k], for the outputs from `o` on: eight numbers, zeros beyond the outputs. */
function startOf(args: usize, begin: usize, end: usize, o: i32, width: i32, to: usize): void {
  v128.store(to, f32x4.splat(0));
  v128.store(to, f32x4.splat(0), 16);
  const bias = load<usize>(args, 12);
  if (bias === 0) return;
  const outer = load<i32>(args, 32);
  for (let edge = begin; edge < end; edge += EDGE << 2) {
    const coefficient = coefficientOf(args, edge);
    const from = bias + ((load<i32>(edge, 4) * outer + o as usize) << 2);
    for (let j: usize = 0; j < (width as usize) << 2; j += 4) {
      store<f32>(to + j, load<f32>(to + j) + coefficient * load<f32>(from + j));
    }
  }
}
