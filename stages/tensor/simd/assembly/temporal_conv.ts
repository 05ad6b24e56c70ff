/**
 * Convolution along time, and its input gradient, which is one too.
 *
 * An item is a block of frames by bodies of one joint. Its input is read where it lies; only if it is to be
 * normalised on the way, or if tiles of four rows would run across frames, it is first copied, with frames
 * of zeros around it.
 */
import { blockMoments, momentsBytes } from "./block_moments";
import { joined } from "./joined";
import { copyRows } from "./scaled_rows";
import { productTile, TALL, tallRows, tallTile } from "./product_tile";
import { WIDE, wideTile } from "./wide_tile";

/** Scratch: the taps' pointers, sixteen zeros to start sums from, then copied rows. */
const START: usize = 4096;
const ROWS: usize = 4096 + 64;

/**
 * y[v, t outStep + outPhase, b] = sum over k of x[v, stride t + k - lead, b] w[k], where x beyond its frames
 * is zero.
 *
 * Arguments: x, panels of w, y, moments (0: none wanted), coefficients (0: x as it is), frames of x,
 * t to compute, bodies, inner, outer, taps, lead, stride, outStep, outPhase, frames of a block, bodies of
 * a block. Items: joints, by blocks of bodies, by blocks of frames.
 */
export function temporalConv(args: usize, item: i32, scratch: usize): void {
  const coefficients = load<usize>(args, 16);
  const frames = load<i32>(args, 20);
  const steps = load<i32>(args, 24);
  const bodies = load<i32>(args, 28);
  const inner = load<i32>(args, 32);
  const outer = load<i32>(args, 36);
  const taps = load<i32>(args, 40);
  const lead = load<i32>(args, 44);
  const stride = load<i32>(args, 48);
  const outStep = load<i32>(args, 52);
  const frameBlock = load<i32>(args, 60);
  const bodyBlock = load<i32>(args, 64);
  const frameBlocks = (steps + frameBlock - 1) / frameBlock;
  const bodyBlocks = (bodies + bodyBlock - 1) / bodyBlock;
  const joint = item / (frameBlocks * bodyBlocks);
  const firstBody = (item / frameBlocks) % bodyBlocks * bodyBlock;
  const first = item % frameBlocks * frameBlock;
  const count = min(frameBlock, steps - first);
  const width = min(bodyBlock, bodies - firstBody);
  const xRow = (inner as usize) << 2;
  const yRow = (outer as usize) << 2;

  // Where the first tap of the first frame lies, which may be before x: it is then not read.
  const start = stride * first - lead;
  let x = load<usize>(args) + xRow * ((joint * frames + start) * bodies + firstBody);
  let frame = xRow * bodies;
  const copied = coefficients !== 0 || (width & 3) !== 0;
  if (copied) {
    const past = start + stride * (count - 1) + taps;
    const to = scratch + ROWS;
    for (let f = start; f < past; f++) {
      const row = to + xRow * (width * (f - start));
      if (f < 0 || f >= frames) memory.fill(row, 0, xRow * width);
      else copyRows(x + frame * (f - start), row, width, inner, coefficients);
    }
    x = to;
    frame = xRow * width;
  }
  for (let k = 0; k < taps; k++) store<usize>(scratch + ((k as usize) << 2), x + frame * k);
  memory.fill(scratch + START, 0, 64);

  const yFrame = yRow * bodies * outStep;
  const y = load<usize>(args, 8) + yRow *
      (((joint * steps + first) * outStep + load<i32>(args, 56)) * bodies + firstBody);
  const rows = count * width;
  const tall = tallRows(width);
  const tap = xRow << 3;
  let panel = load<usize>(args, 4);
  for (let o = 0; o < outer;) {
    // Sixteen outputs at once where tiles lie within frames.
    const wide = joined() && outer - o >= WIDE && (width & 3) === 0;
    const panels = wide ? WIDE / 8 : 1;
    const outputs = min(8, outer - o);
    const yTile = y + ((o as usize) << 2);
    if ((width & 3) === 0) {
      for (let t = 0; t < count; t++) {
        // Taps beyond the ends meet zeros only.
        const at = start + stride * t;
        const low = max(0, -at);
        const many = max(0, min(taps, frames - at) - low);
        const from = scratch + ((low as usize) << 2);
        const zeros = scratch + START;
        const taken = panel + tap * low;
        for (let b = 0; b < tall; b += TALL) {
          const x = frame * (stride * t) + xRow * b;
          const to = yTile + yFrame * t + yRow * b;
          if (wide) wideTile(from, many, x, xRow, taken, tap * taps, zeros, to, yRow);
          else tallTile(from, many, x, xRow, taken, zeros, to, yRow, outputs);
        }
        for (let half = 0; half < panels; half++) {
          for (let b = tall; b < width; b += 4) {
            productTile(
              from,
              many,
              frame * (stride * t) + xRow * b,
              xRow,
              xRow,
              2 * xRow,
              3 * xRow,
              taken + tap * taps * half,
              zeros,
              yTile + yFrame * t + yRow * b + ((half as usize) << 5),
              yRow,
              2 * yRow,
              3 * yRow,
              4,
              outputs,
            );
          }
        }
      }
    } else {
      for (let r = 0; r < rows; r += 4) {
        const t0 = r / width;
        const last = rows - 1;
        const t3 = min(r + 3, last) / width;
        const low = max(0, -(start + stride * t3));
        const many = max(0, min(taps, frames - start - stride * t0) - low);
        const x0 = rowAt(r, width, frame * stride, xRow);
        const y0 = rowAt(r, width, yFrame, yRow);
        productTile(
          scratch + ((low as usize) << 2),
          many,
          x0,
          xRow,
          rowAt(min(r + 1, last), width, frame * stride, xRow) - x0,
          rowAt(min(r + 2, last), width, frame * stride, xRow) - x0,
          rowAt(min(r + 3, last), width, frame * stride, xRow) - x0,
          panel + tap * low,
          scratch + START,
          yTile + y0,
          rowAt(r + 1, width, yFrame, yRow) - y0,
          rowAt(r + 2, width, yFrame, yRow) - y0,
          rowAt(r + 3, width, yFrame, yRow) - y0,
          min(4, rows - r),
          outputs,
        );
      }
    }
    o += 8 * panels;
    panel += tap * (taps * panels);
  }
  const moments = load<usize>(args, 12);
  if (moments !== 0) {
    const to = moments + momentsBytes(outer) * item;
    blockMoments(y, count, yFrame, width, outer, to);
  }
}

/** Bytes to row `r` of a block of frames of `width` bodies. */
function rowAt(r: i32, width: i32, frame: usize, row: usize): usize {
  return frame * (r / width) + row * (r % width);
}
