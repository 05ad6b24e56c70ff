/**
 * Convolution along time with nine taps and stride 1 in fewer products; see minimal_filter.ts.
 *
 * An item is a block of tiles of three frames by bodies of one joint. Inputs at the five points go to scratch,
 * tile i from the frames 3 i - lead on; outputs of tile j meet the tiles j, j + 1 and j + 2, one a group of taps.
 */
import { blockMoments, momentsBytes } from "./block_moments";
import { joined } from "./joined";
import {
  firstOutput,
  inputsAtPoints,
  outputsOfTile,
  POINTS,
  REACH,
  secondOutput,
  thirdOutput,
  TILE,
} from "./minimal_filter";
import { productTile, storeOutputs, TALL, tallRows, tallTile } from "./product_tile";
import { copyRows } from "./scaled_rows";
import { WIDE, wideTile } from "./wide_tile";

/** Groups of taps. */
const GROUPS: i32 = 3;

/** Scratch: the groups' pointers, sixteen zeros to start sums from, then rows. */
const START: usize = 64;
const ROWS: usize = 128;

/**
 * y[v, t, b] = sum over k of x[v, t + k - lead, b] w[k], zero beyond the frames.
 *
 * Arguments: x, panels of w, y, moments (0: none wanted), coefficients (0: x as it is), frames, bodies, inner (a
 * multiple of 4), outer, lead, tiles of a block, bodies of a block. Items: joints, by blocks of bodies, by
 * blocks of tiles.
 */
export function winogradConv(args: usize, item: i32, scratch: usize): void {
  const frames = load<i32>(args, 20);
  const bodies = load<i32>(args, 24);
  const inner = load<i32>(args, 28);
  const outer = load<i32>(args, 32);
  const tileBlock = load<i32>(args, 40);
  const bodyBlock = load<i32>(args, 44);
  const tiles = (frames + TILE - 1) / TILE;
  const tileBlocks = (tiles + tileBlock - 1) / tileBlock;
  const bodyBlocks = (bodies + bodyBlock - 1) / bodyBlock;
  const joint = item / (tileBlocks * bodyBlocks);
  const firstBody = (item / tileBlocks) % bodyBlocks * bodyBlock;
  const first = item % tileBlocks * tileBlock;
  const count = min(tileBlock, tiles - first);
  const width = min(bodyBlock, bodies - firstBody);
  const xRow = (inner as usize) << 2;
  const yRow = (outer as usize) << 2;
  const run = xRow * width;
  const span = count + GROUPS - 1;
  const point = run * span;
  const inputs = scratch + ROWS;
  const products = inputs + point * POINTS;
  const x = load<usize>(args) + xRow * (joint * frames * bodies + firstBody);
  const start = TILE * first - load<i32>(args, 36);
  // Inputs of these tiles and later ones are zero.
  const past = min(span, max(0, (frames - start + TILE - 1) / TILE));
  transformInputs(args, x, xRow * bodies, start, width, past, inputs, point, products);
  for (let p = 0; p < POINTS; p++) {
    memory.fill(inputs + point * p + run * past, 0, run * (span - past));
  }

  for (let g = 0; g < GROUPS; g++) store<usize>(scratch + ((g as usize) << 2), run * g);
  memory.fill(scratch + START, 0, 64);
  const rows = count * width;
  const y = load<usize>(args, 8) + yRow * ((joint * frames + TILE * first) * bodies + firstBody);
  const steps = min(TILE * count, frames - TILE * first);
  // A first tile that ends with the first frame is zero at all points but the last; and a last one without a
  // third output does not need that one.
  const empty = start + REACH - 1 <= 0;
  const third = steps < TILE * count ? rows - width : rows;
  const group = xRow << 3;
  const panels = load<usize>(args, 4);
  const eight = group * (GROUPS * POINTS);
  for (let o = 0; o < outer;) {
    const wide = joined() && outer - o >= WIDE ? WIDE : 8;
    const row = (wide as usize) << 2;
    const product = row * rows;
    let panel = panels + eight * (o >> 3);
    for (let p = 0; p < POINTS; p++, panel += (GROUPS as usize) * group) {
      productsAtPoint(
        scratch,
        inputs + point * p,
        xRow,
        panel,
        eight,
        wide,
        products + product * p,
        row,
        rows,
        p < POINTS - 1 ? rows : third,
        width,
        past,
        empty && p < POINTS - 1,
      );
    }
    const yFrame = yRow * bodies;
    for (let half = 0; half < wide && o < outer; half += 8, o += 8) {
      const outputs = min(8, outer - o);
      const to = y + ((o as usize) << 2);
      const at = products + ((half as usize) << 2);
      for (let t = 0; t < steps; t += TILE) {
        const from = at + row * (t / TILE * width);
        const frame = to + yFrame * t;
        if (outputs === 8 && steps - t >= TILE) {
          outputsOfTile(from, product, row, frame, yFrame, yRow, width);
          continue;
        }
        for (let i = 0; i < min(TILE, steps - t); i++) {
          outputsOf(from, product, row, i, frame + yFrame * i, yRow, width, outputs);
        }
      }
    }
  }
  const moments = load<usize>(args, 12);
  if (moments !== 0) {
    blockMoments(y, steps, yRow * bodies, width, outer, moments + momentsBytes(outer) * item);
  }
}

/**
 * Products of `many` of the rows at one point with 8 or 16 (`wide`) outputs' kernels.
 *
 * @param xRow Bytes of a row of inputs; `row` those of one of products.
 * @param eight Bytes from the panel of eight outputs to the next eight's.
 * @param rows All rows; those after `many` are not needed.
 * @param width Rows of a tile.
 * @param past Tiles of inputs that are not zero.
 * @param ahead Whether the first tile is zero.
 */
function productsAtPoint(
  table: usize,
  inputs: usize,
  xRow: usize,
  panel: usize,
  eight: usize,
  wide: i32,
  products: usize,
  row: usize,
  rows: i32,
  many: i32,
  width: i32,
  past: i32,
  ahead: bool,
): void {
  const zeros = table + START;
  const group = xRow << 3;
  const tall = tallRows(many);
  for (let r = 0; r < tall; r += TALL) {
    const skip = ahead && r + TALL <= width ? 1 : 0;
    const from = table + ((skip as usize) << 2);
    const groups = min(GROUPS, past - r / width) - skip;
    const at = panel + group * skip;
    const to = products + row * r;
    if (wide === WIDE) wideTile(from, groups, inputs + xRow * r, xRow, at, eight, zeros, to, row);
    else tallTile(from, groups, inputs + xRow * r, xRow, at, zeros, to, row, 8);
  }
  for (let r = tall; r < many; r += 4) {
    // Rows beyond the block are the last one again; they are not written.
    const left = rows - 1 - r;
    const skip = ahead && r + 4 <= width ? 1 : 0;
    for (let half = 0; half < wide; half += 8) {
      productTile(
        table + ((skip as usize) << 2),
        min(GROUPS, past - r / width) - skip,
        inputs + xRow * r,
        xRow,
        xRow * min(1, left),
        xRow * min(2, left),
        xRow * min(3, left),
        panel + group * skip + eight * (half >> 3),
        zeros,
        products + row * r + ((half as usize) << 2),
        row,
        2 * row,
        3 * row,
        min(4, left + 1),
        8,
      );
    }
  }
}

/** Inputs at the points of the tiles 0 .. tiles - 1, the first of which begins at frame `start`. */
function transformInputs(
  args: usize,
  x: usize,
  frame: usize,
  start: i32,
  width: i32,
  tiles: i32,
  to: usize,
  point: usize,
  spare: usize,
): void {
  const coefficients = load<usize>(args, 16);
  const frames = load<i32>(args, 20);
  const inner = load<i32>(args, 28);
  const run = ((inner * width) as usize) << 2;
  // Beside them: a frame of zeros, and the last frames as normalised, which the next tile may meet too.
  memory.fill(spare, 0, run);
  const ring = spare + run;
  let ready = start;
  for (let i = 0; i < tiles; i++) {
    const begin = start + TILE * i;
    if (coefficients !== 0) {
      for (; ready < begin + REACH; ready++) {
        if (ready < 0 || ready >= frames) continue;
        copyRows(x + frame * ready, ring + run * (ready % REACH), width, inner, coefficients);
      }
    }
    inputsAtPoints(
      frameAt(x, frame, begin, frames, spare, run, coefficients !== 0),
      frameAt(x, frame, begin + 1, frames, spare, run, coefficients !== 0),
      frameAt(x, frame, begin + 2, frames, spare, run, coefficients !== 0),
      frameAt(x, frame, begin + 3, frames, spare, run, coefficients !== 0),
      frameAt(x, frame, begin + 4, frames, spare, run, coefficients !== 0),
      to + run * i,
      point,
      run,
    );
  }
}

function frameAt(
  x: usize,
  frame: usize,
  f: i32,
  frames: i32,
  spare: usize,
  run: usize,
  copied: bool,
): usize {
  if (f < 0 || f >= frames) return spare;
  return copied ? spare + run * (1 + f % REACH) : x + frame * f;
}

/** Eight outputs of one frame or fewer, for `width` bodies; products are `step` bytes from body to body. */
function outputsOf(
  from: usize,
  point: usize,
  step: usize,
  which: i32,
  to: usize,
  row: usize,
  width: i32,
  outputs: i32,
): void {
  for (let b = 0; b < width; b++, from += step, to += row) {
    if (which === 0) {
      storeOutputs(to, firstOutput(from, point), firstOutput(from + 16, point), outputs);
    } else if (which === 1) {
      storeOutputs(to, secondOutput(from, point), secondOutput(from + 16, point), outputs);
    } else {
      storeOutputs(to, thirdOutput(from, point), thirdOutput(from + 16, point), outputs);
    }
  }
}
