/** Passes over memory, in items of {@link CHUNK} numbers. */

/** Numbers in an item: 64 KiB, so that an item stays in the first two caches. */
export const CHUNK: i32 = 16384;

/** y[i] = factor x[i]. Arguments: x, y, size, factor (f32). */
export function scale(args: usize, item: i32, _scratch: usize): void {
  const from = item * CHUNK;
  const count = min(CHUNK, load<i32>(args, 8) - from);
  const x = load<usize>(args) + ((from as usize) << 2);
  const y = load<usize>(args, 4) + ((from as usize) << 2);
  const factor = load<f32>(args, 12);
  const wide = f32x4.splat(factor);
  const end = ((count & ~3) as usize) << 2;
  for (let at: usize = 0; at < end; at += 16) {
    v128.store(y + at, f32x4.mul(v128.load(x + at), wide));
  }
  for (let at = end; at < (count as usize) << 2; at += 4) {
    store<f32>(y + at, load<f32>(x + at) * factor);
  }
}
