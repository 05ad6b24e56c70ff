/**
 * Gradient of the kernel of a convolution along time.
 *
 * The joints' blocks of frames by bodies are dealt out in runs to slices, and each slice leaves a sum of its
 * own; a second job adds these. An item is a slice and a block of inner channels. It regroups its rows into
 * panels, those of x by their frames' remainder by the stride: the rows that a tap meets follow one another.
 */
import { joined } from "./joined";
import { outerTile, wideOuterTile } from "./outer_tile";
import { panelsOfEight, panelsOfFour } from "./column_panels";

/** Rows that a tile sums over at once: what they are read from stays in the first cache. */
const RUN: i32 = 512;

/**
 * sums[slice, k, c, o] = sum over the slice's v, t, b of x[v, stride t + k - lead, b, c] dy[v, t, b, o], with
 * the inner channels filled up to a multiple of 4 and the outer ones to one of 8.
 *
 * Arguments: x, dy, sums, coefficients (0: x as it is), frames of x, frames of dy, bodies, inner, outer,
 * taps, lead, stride, frames of a block, bodies of a block, joints, slices, inner channels of a block (a
 * multiple of 4). Items: slices, by blocks of channels.
 */
export function temporalConvKernelGradient(args: usize, item: i32, scratch: usize): void {
  const steps = load<i32>(args, 20);
  const bodies = load<i32>(args, 24);
  const inner = load<i32>(args, 28);
  const channelBlock = load<i32>(args, 64);
  const channelBlocks = (inner + channelBlock - 1) / channelBlock;
  const slices = load<i32>(args, 60);
  const slice = item / channelBlocks;
  const firstChannel = item % channelBlocks * channelBlock;
  const frameBlocks = (steps + load<i32>(args, 48) - 1) / load<i32>(args, 48);
  const bodyBlocks = (bodies + load<i32>(args, 52) - 1) / load<i32>(args, 52);
  const units = load<i32>(args, 56) * bodyBlocks * frameBlocks;
  const last = (slice + 1) * units / slices;
  const begin = slice * units / slices;
  for (let unit = begin; unit < last; unit++) {
    addUnit(
      args,
      scratch,
      slice,
      unit / (frameBlocks * bodyBlocks),
      unit % frameBlocks,
      (unit / frameBlocks) % bodyBlocks,
      firstChannel,
      min(channelBlock, inner - firstChannel),
      unit === begin,
    );
  }
}

function addUnit(
  args: usize,
  scratch: usize,
  slice: i32,
  joint: i32,
  frameBlock: i32,
  bodyBlock: i32,
  firstChannel: i32,
  channels: i32,
  fresh: bool,
): void {
  const frames = load<i32>(args, 16);
  const steps = load<i32>(args, 20);
  const bodies = load<i32>(args, 24);
  const inner = load<i32>(args, 28);
  const outer = load<i32>(args, 32);
  const taps = load<i32>(args, 36);
  const lead = load<i32>(args, 40);
  const stride = load<i32>(args, 44);
  const first = frameBlock * load<i32>(args, 48);
  const count = min(load<i32>(args, 48), steps - first);
  const firstBody = bodyBlock * load<i32>(args, 52);
  const width = min(load<i32>(args, 52), bodies - firstBody);
  const xRow = (inner as usize) << 2;
  const yRow = (outer as usize) << 2;

  // dy: (outer / 8, rows, 8).
  const rows = count * width;
  const yPanel = (rows as usize) << 5;
  const yPanels = (outer + 7) / 8;
  const dy = load<usize>(args, 4) + yRow * ((joint * steps + first) * bodies + firstBody);
  for (let t = 0; t < count; t++) {
    const at = scratch + ((t * width as usize) << 5);
    panelsOfEight(dy + yRow * (t * bodies), width, yRow, outer, at, yPanel);
  }

  // x: (phase, inner / 4, span of steps, bodies, 4); step q of a phase is the frame stride q + phase.
  const earliest = floorOf(-lead, stride);
  const span = count + floorOf(taps - 1 - lead, stride) - earliest;
  const xPanel = (span * width as usize) << 4;
  const xPanels = (channels + 3) / 4;
  const panels = scratch + yPanel * yPanels;
  const x = load<usize>(args) + xRow * (joint * frames * bodies + firstBody) +
    ((firstChannel as usize) << 2);
  const skipped = (firstChannel as usize) << 2;
  const coefficients = load<usize>(args, 12);
  const phases = min(stride, taps);
  for (let i = 0; i < phases; i++) {
    const phase = phaseOf(i - lead, stride);
    for (let q = 0; q < span; q++) {
      const frame = stride * (first + earliest + q) + phase;
      if (frame < 0 || frame >= frames) continue; // never met
      panelsOfFour(
        x + xRow * (frame * bodies),
        width,
        xRow,
        channels,
        panels + xPanel * (phase * xPanels) + ((q * width as usize) << 4),
        xPanel,
        coefficients === 0 ? 0 : coefficients + skipped,
        xRow,
      );
    }
  }

  const sumRow = (yPanels as usize) << 5;
  const tap = sumRow * ((inner + 3) & ~3);
  const sums = load<usize>(args, 8) + tap * (slice * taps) + sumRow * firstChannel;
  for (let o = 0; o < yPanels;) {
    const wide = joined() && yPanels - o > 1;
    for (let c = 0; c < xPanels; c++) {
      for (let k = 0; k < taps; k++) {
        // Frames stride t + k - lead that exist: steps from `from` on, before `past`.
        const from = max(first, -floorOf(k - lead, stride));
        const past = min(first + count, floorOf(frames - 1 - k + lead, stride) + 1);
        const phase = phaseOf(k - lead, stride);
        const shift = floorOf(k - lead, stride) - earliest - first;
        let at = panels + xPanel * (phase * xPanels + c) +
          (((from + shift) * width as usize) << 4);
        let run = scratch + yPanel * o + (((from - first) * width as usize) << 5);
        let left = (past - from) * width;
        let begin = fresh;
        const to = sums + tap * k + sumRow * (c << 2) + ((o as usize) << 5);
        do {
          const many = max(0, min(RUN, left));
          if (wide) wideOuterTile(at, 16, run, yPanel, 32, many, to, sumRow, begin);
          else outerTile(at, 16, run, 32, many, to, sumRow, begin);
          begin = false;
          left -= many;
          at += (many as usize) << 4;
          run += (many as usize) << 5;
        } while (left > 0);
      }
    }
    o += wide ? 2 : 1;
  }
}

/** The largest whole number not above a / b; b is positive. */
function floorOf(a: i32, b: i32): i32 {
  return a >= 0 ? a / b : -((b - 1 - a) / b);
}

/** a - b floor(a / b). */
function phaseOf(a: i32, b: i32): i32 {
  return a - b * floorOf(a, b);
}

/**
 * Adds the slices' sums. Arguments: sums (slices, rows, columns), slices, inner and outer channels, to
 * (taps, inner, outer). Items: the rows (taps, inner) in blocks of 8.
 */
export function sumKernelGradients(args: usize, item: i32, _scratch: usize): void {
  const slices = load<i32>(args, 4);
  const taps = load<i32>(args, 8);
  const inner = load<i32>(args, 12);
  const outer = load<i32>(args, 16);
  const sumRow = (((outer + 7) & ~7) as usize) << 2;
  const filled = (inner + 3) & ~3;
  const slice = sumRow * (filled * taps);
  const last = min(taps * inner, 8 * item + 8);
  for (let row = 8 * item; row < last; row++) {
    const from = load<usize>(args) + sumRow * (row / inner * filled + row % inner);
    const to = load<usize>(args, 20) + (((row * outer) as usize) << 2);
    for (let o = 0; o < outer; o += 4) {
      let at = from + ((o as usize) << 2);
      let sum = v128.load(at);
      for (let i = 1; i < slices; i++) {
        at += slice;
        sum = f32x4.add(sum, v128.load(at));
      }
      const out = to + ((o as usize) << 2);
      if (o + 4 <= outer) {
        v128.store(out, sum);
      } else {
        v128.store_lane<f32>(out, sum, 0);
        if (o + 1 < outer) v128.store_lane<f32>(out, sum, 1, 4);
        if (o + 2 < outer) v128.store_lane<f32>(out, sum, 2, 8);
      }
    }
  }
}
