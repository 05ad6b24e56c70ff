/**
 * Moments by channel, taken while a block of outputs is still in the cache: the means, then the sums of
 * squared deviations from them. Two passes, so that no digits cancel; `combineMoments` puts the blocks
 * together.
 */
import { madd } from "./madd";

/** Bytes that a block leaves. */
export function momentsBytes(channels: i32): usize {
  return (channels as usize) << 3;
}

/**
 * Moments of a block: `runs` runs of `rows` rows each.
 *
 * @param run Bytes from run to run; the rows of a run follow one another.
 */
export function blockMoments(
  y: usize,
  runs: i32,
  run: usize,
  rows: i32,
  channels: i32,
  to: usize,
): void {
  const squares = to + ((channels as usize) << 2);
  let c = 0;
  for (; c + 8 <= channels; c += 8) {
    const at = (c as usize) << 2;
    eightChannels(y + at, runs, run, rows, (channels as usize) << 2, to + at, squares + at);
  }
  for (; c < channels; c++) {
    const at = (c as usize) << 2;
    oneChannel(y + at, runs, run, rows, (channels as usize) << 2, to + at, squares + at);
  }
}

function eightChannels(
  y: usize,
  runs: i32,
  run: usize,
  rows: i32,
  row: usize,
  means: usize,
  squares: usize,
): void {
  const zero = f32x4.splat(0);
  const inverse = f32x4.splat(1 / ((runs * rows) as f32));
  let sum0 = zero;
  let sum1 = zero;
  for (let i = 0, from = y; i < runs; i++, from += run) {
    const end = from + row * rows;
    for (let at = from; at < end; at += row) {
      sum0 = f32x4.add(sum0, v128.load(at));
      sum1 = f32x4.add(sum1, v128.load(at, 16));
    }
  }
  const mean0 = f32x4.mul(sum0, inverse);
  const mean1 = f32x4.mul(sum1, inverse);
  let rest0 = zero;
  let rest1 = zero;
  let square0 = zero;
  let square1 = zero;
  for (let i = 0, from = y; i < runs; i++, from += run) {
    const end = from + row * rows;
    for (let at = from; at < end; at += row) {
      const d0 = f32x4.sub(v128.load(at), mean0);
      const d1 = f32x4.sub(v128.load(at, 16), mean1);
      rest0 = f32x4.add(rest0, d0);
      rest1 = f32x4.add(rest1, d1);
      square0 = madd(d0, d0, square0);
      square1 = madd(d1, d1, square1);
    }
  }
  // The mean as rounded is a little off: what the deviations sum to says by how much.
  const off0 = f32x4.mul(rest0, inverse);
  const off1 = f32x4.mul(rest1, inverse);
  v128.store(means, f32x4.add(mean0, off0));
  v128.store(means, f32x4.add(mean1, off1), 16);
  v128.store(squares, f32x4.sub(square0, f32x4.mul(rest0, off0)));
  v128.store(squares, f32x4.sub(square1, f32x4.mul(rest1, off1)), 16);
}

function oneChannel(
  y: usize,
  runs: i32,
  run: usize,
  rows: i32,
  row: usize,
  means: usize,
  squares: usize,
): void {
  const count = (runs * rows) as f64;
  let sum: f64 = 0;
  for (let i = 0, from = y; i < runs; i++, from += run) {
    for (let j = 0, at = from; j < rows; j++, at += row) sum += load<f32>(at) as f64;
  }
  const mean = sum / count;
  let square: f64 = 0;
  for (let i = 0, from = y; i < runs; i++, from += run) {
    for (let j = 0, at = from; j < rows; j++, at += row) {
      const d = (load<f32>(at) as f64) - mean;
      square += d * d;
    }
  }
  store<f32>(means, mean as f32);
  store<f32>(squares, square as f32);
}
