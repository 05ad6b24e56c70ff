/** The sigmoid of a multiple, and its gradient, in items of {@link CHUNK} numbers. */
import { CHUNK } from "./elementwise";
import { exp, expTable } from "./exp";

/** Beyond, the exponential function would be infinite. */
const MOST: f32 = 88;

/** y = 1 / (1 + e^(-factor x)). Arguments: x, y (with room for whole vectors at the end), size, factor (f32). */
export function scaledSigmoid(args: usize, item: i32, scratch: usize): void {
  const table = expTable(scratch);
  const from = item * CHUNK;
  const count = min(CHUNK, load<i32>(args, 8) - from);
  const x = load<usize>(args) + ((from as usize) << 2);
  const y = load<usize>(args, 4) + ((from as usize) << 2);
  const factor = f32x4.splat(-load<f32>(args, 12));
  const one = f32x4.splat(1), most = f32x4.splat(MOST);
  for (let at: usize = 0; at < ((count as usize) << 2); at += 16) {
    const e = exp(f32x4.pmin(f32x4.mul(v128.load(x + at), factor), most), table);
    v128.store(y + at, f32x4.div(one, f32x4.add(one, e)));
  }
}

/**
 * dx = factor dy y (1 - y). Arguments: y, dy, dx (all with room for whole vectors at the end), size,
 * factor (f32).
 */
export function scaledSigmoidGradient(args: usize, item: i32, _scratch: usize): void {
  const from = item * CHUNK;
  const count = min(CHUNK, load<i32>(args, 12) - from);
  const start = (from as usize) << 2;
  const y = load<usize>(args) + start, dy = load<usize>(args, 4) + start;
  const dx = load<usize>(args, 8) + start;
  const factor = f32x4.splat(load<f32>(args, 16)), one = f32x4.splat(1);
  for (let at: usize = 0; at < ((count as usize) << 2); at += 16) {
    const value = v128.load(y + at);
    const slope = f32x4.mul(value, f32x4.sub(one, value));
    v128.store(dx + at, f32x4.mul(f32x4.mul(v128.load(dy + at), factor), slope));
  }
}
