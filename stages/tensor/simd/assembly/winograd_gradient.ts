/**
 * Gradient of the kernel of a convolution along time with nine taps and stride 1, in fewer products; see
 * minimal_filter.ts. Cut into items as temporal_conv_gradient.ts is, its blocks counted in tiles of three
 * frames.
 */
import { panelsOfEight, panelsOfFour } from "./column_panels";
import { joined } from "./joined";
import {
  inputsAtPoints,
  outputsAtPoints,
  POINTS,
  REACH,
  tapGradient,
  TILE,
} from "./minimal_filter";
import { outerTile, wideOuterTile } from "./outer_tile";

/** Groups of taps. */
const GROUPS: i32 = 3;

/** Channels that are regrouped at once: a line of the cache. */
const LINE: i32 = 16;

/**
 * sums[slice, p, g, c, o]: gradients of the groups' kernels at the points, summed over a slice, the outer channels
 * filled up to a multiple of 8.
 *
 * Arguments: x, dy, sums, coefficients (0: x as it is), frames, bodies, inner (a multiple of 4), outer, lead, tiles
 * of a block, bodies of a block, joints, slices, inner channels of a block (a multiple of 4). Items: slices, by
 * blocks of channels.
 */
export function winogradKernelGradient(args: usize, item: i32, scratch: usize): void {
  const inner = load<i32>(args, 24);
  const channelBlock = load<i32>(args, 52);
  const channelBlocks = (inner + channelBlock - 1) / channelBlock;
  const slices = load<i32>(args, 48);
  const slice = item / channelBlocks;
  const firstChannel = item % channelBlocks * channelBlock;
  const tileBlocks = (tilesOf(args) + load<i32>(args, 36) - 1) / load<i32>(args, 36);
  const bodyBlocks = (load<i32>(args, 20) + load<i32>(args, 40) - 1) / load<i32>(args, 40);
  const units = load<i32>(args, 44) * bodyBlocks * tileBlocks;
  const last = (slice + 1) * units / slices;
  const begin = slice * units / slices;
  for (let unit = begin; unit < last; unit++) {
    addUnit(
      args,
      scratch,
      slice,
      unit / (tileBlocks * bodyBlocks),
      unit % tileBlocks,
      (unit / tileBlocks) % bodyBlocks,
      firstChannel,
      min(channelBlock, inner - firstChannel),
      unit === begin,
    );
  }
}

function tilesOf(args: usize): i32 {
  return (load<i32>(args, 16) + TILE - 1) / TILE;
}

function addUnit(
  args: usize,
  scratch: usize,
  slice: i32,
  joint: i32,
  tileBlock: i32,
  bodyBlock: i32,
  firstChannel: i32,
  channels: i32,
  fresh: bool,
): void {
  const frames = load<i32>(args, 16);
  const bodies = load<i32>(args, 20);
  const inner = load<i32>(args, 24);
  const outer = load<i32>(args, 28);
  const first = tileBlock * load<i32>(args, 36);
  const count = min(load<i32>(args, 36), tilesOf(args) - first);
  const firstBody = bodyBlock * load<i32>(args, 40);
  const width = min(load<i32>(args, 40), bodies - firstBody);
  const start = TILE * first - load<i32>(args, 32);
  const span = count + GROUPS - 1;
  const past = min(span, max(0, (frames - start + TILE - 1) / TILE));

  // dy: (points, outer / 8, rows, 8); x: (points, inner / 4, span of tiles, bodies, 4).
  const rows = count * width;
  const eights = (outer + 7) / 8;
  const fours = channels / 4;
  const yPanel = (rows as usize) << 5;
  const yPoint = yPanel * eights;
  const xPanel = (span * width as usize) << 4;
  const xPoint = xPanel * fours;
  const inputs = scratch + yPoint * POINTS;
  const spare = inputs + xPoint * POINTS;
  const row = joint * frames * bodies + firstBody;

  const dy = load<usize>(args, 4) + (((row * outer) as usize) << 2);
  const yRow = (outer as usize) << 2;
  for (let o = 0; o < outer; o += LINE) {
    const many = min(LINE, outer - o);
    const panel = (TILE * rows as usize) << 5;
    for (let t = 0; t < TILE * count; t++) {
      const to = spare + ((t * width as usize) << 5);
      const frame = TILE * first + t;
      const panels = (many + 7) / 8;
      if (frame < frames) {
        const from = dy + yRow * (frame * bodies) + ((o as usize) << 2);
        panelsOfEight(from, width, yRow, many, to, panel);
      } else {
        for (let i = 0; i < panels; i++) memory.fill(to + panel * i, 0, (width as usize) << 5);
      }
    }
    const bytes = (width as usize) << 5;
    for (let i = 0; i < (many + 7) / 8; i++) {
      for (let j = 0; j < count; j++) {
        const from = spare + panel * i + bytes * (TILE * j);
        const to = scratch + yPanel * (o / 8 + i) + bytes * j;
        outputsAtPoints(from, from + bytes, from + 2 * bytes, to, yPoint, bytes);
      }
    }
  }

  const xRow = (inner as usize) << 2;
  const x = load<usize>(args) + xRow * row;
  for (let c = 0; c < channels; c += LINE) {
    const many = min(LINE, channels - c);
    const skip = ((firstChannel + c) as usize) << 2;
    const reach = TILE * (past - 1) + REACH;
    const panel = (reach * width as usize) << 4;
    const coefficients = load<usize>(args, 12);
    for (let f = 0; f < reach; f++) {
      const to = spare + ((f * width as usize) << 4);
      const frame = start + f;
      if (frame >= 0 && frame < frames) {
        panelsOfFour(
          x + xRow * (frame * bodies) + skip,
          width,
          xRow,
          many,
          to,
          panel,
          coefficients === 0 ? 0 : coefficients + skip,
          xRow,
        );
      } else {
        for (let i = 0; i < many / 4; i++) memory.fill(to + panel * i, 0, (width as usize) << 4);
      }
    }
    const bytes = (width as usize) << 4;
    for (let i = 0; i < many / 4; i++) {
      for (let j = 0; j < past; j++) {
        const from = spare + panel * i + bytes * (TILE * j);
        const to = inputs + xPanel * (c / 4 + i) + bytes * j;
        const third = from + 2 * bytes;
        inputsAtPoints(
          from,
          from + bytes,
          third,
          third + bytes,
          third + 2 * bytes,
          to,
          xPoint,
          bytes,
        );
      }
    }
  }

  const sumRow = (eights as usize) << 5;
  const kernel = sumRow * inner;
  const sums = load<usize>(args, 8) + kernel * (slice * POINTS * GROUPS) + sumRow * firstChannel;
  // What is zero at a point is left out, as in winograd_conv.ts.
  const empty = start + REACH - 1 <= 0;
  const third = TILE * (first + count) > frames ? count - 1 : count;
  for (let p = 0; p < POINTS; p++) {
    const tiles = p < POINTS - 1 ? count : third;
    for (let o = 0; o < eights;) {
      const wide = joined() && eights - o > 1;
      const from = scratch + yPoint * p + yPanel * o;
      for (let c = 0; c < fours; c++) {
        for (let g = 0; g < GROUPS; g++) {
          const skip = empty && g === 0 && p < POINTS - 1 ? 1 : 0;
          const at = inputs + xPoint * p + xPanel * c + (((g + skip) * width as usize) << 4);
          const y = from + ((skip * width as usize) << 5);
          const many = max(0, min(tiles, past - g) - skip) * width;
          const to = sums + kernel * (p * GROUPS + g) + sumRow * (c << 2) + ((o as usize) << 5);
          if (wide) wideOuterTile(at, 16, y, yPanel, 32, many, to, sumRow, fresh);
          else outerTile(at, 16, y, 32, many, to, sumRow, fresh);
        }
      }
      o += wide ? 2 : 1;
    }
  }
}

/**
 * Adds the slices' sums and takes them from the points to the taps. Arguments: sums, slices, inner, outer, to
 * (9, inner, outer). Items: rows (group, inner).
 */
export function sumWinogradGradients(args: usize, item: i32, _scratch: usize): void {
  const slices = load<i32>(args, 4);
  const inner = load<i32>(args, 8);
  const outer = load<i32>(args, 12);
  const sumRow = (((outer + 7) & ~7) as usize) << 2;
  const kernel = sumRow * inner;
  const point = kernel * GROUPS;
  const slice = point * POINTS;
  const group = item / inner;
  const from = load<usize>(args) + kernel * group + sumRow * (item % inner);
  const tap = ((inner * outer) as usize) << 2;
  const to = load<usize>(args, 16) + tap * (TILE * group) +
    (((item % inner * outer) as usize) << 2);
  for (let o = 0; o < outer; o += 4) {
    const at = from + ((o as usize) << 2);
    const p0 = sumOfSlices(at, slices, slice);
    const p1 = sumOfSlices(at + point, slices, slice);
    const p2 = sumOfSlices(at + 2 * point, slices, slice);
    const p3 = sumOfSlices(at + 3 * point, slices, slice);
    const p4 = sumOfSlices(at + 4 * point, slices, slice);
    for (let k = 0; k < TILE; k++) {
      const out = to + tap * k + ((o as usize) << 2);
      const d = tapGradient(k, p0, p1, p2, p3, p4);
      if (o + 4 <= outer) {
        v128.store(out, d);
      } else {
        v128.store_lane<f32>(out, d, 0);
        if (o + 1 < outer) v128.store_lane<f32>(out, d, 1, 4);
        if (o + 2 < outer) v128.store_lane<f32>(out, d, 2, 8);
      }
    }
  }
}

function sumOfSlices(at: usize, slices: i32, slice: usize): v128 {
  let sum = v128.load(at);
  for (let i = 1; i < slices; i++) {
    at += slice;
    sum = f32x4.add(sum, v128.load(at));
  }
  return sum;
}
