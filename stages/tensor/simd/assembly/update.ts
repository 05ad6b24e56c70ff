/**
 * Updates of parameters and averages in place, in items of {@link CHUNK} numbers. Products and sums are
 * rounded one by one, as the definitions round them.
 */
import { CHUNK } from "./elementwise";

/**
 * Stochastic gradient descent: g = g + decay p; buffer = momentum buffer + g; p = p - lr buffer.
 * Arguments: p, g, buffer, size, lr, momentum, decay (f32).
 */
export function sgdStep(args: usize, item: i32, _scratch: usize): void {
  const from = item * CHUNK;
  const count = min(CHUNK, load<i32>(args, 12) - from);
  const start = (from as usize) << 2;
  const p = load<usize>(args) + start, g = load<usize>(args, 4) + start;
  const buffer = load<usize>(args, 8) + start;
  const lr = load<f32>(args, 16), momentum = load<f32>(args, 20), decay = load<f32>(args, 24);
  const wideLr = f32x4.splat(lr), wideMomentum = f32x4.splat(momentum);
  const wideDecay = f32x4.splat(decay);
  const end = ((count & ~3) as usize) << 2;
  for (let at: usize = 0; at < end; at += 16) {
    const value = v128.load(p + at);
    const slope = f32x4.add(v128.load(g + at), f32x4.mul(value, wideDecay));
    const next = f32x4.add(f32x4.mul(v128.load(buffer + at), wideMomentum), slope);
    v128.store(buffer + at, next);
    v128.store(p + at, f32x4.sub(value, f32x4.mul(next, wideLr)));
  }
  for (let at = end; at < (count as usize) << 2; at += 4) {
    const value = load<f32>(p + at);
    const slope: f32 = load<f32>(g + at) + value * decay;
    const next: f32 = load<f32>(buffer + at) * momentum + slope;
    store<f32>(buffer + at, next);
    store<f32>(p + at, value - next * lr);
  }
}

/** average = m average + rest value. Arguments: average, value, size, m, rest (f32). */
export function emaStep(args: usize, item: i32, _scratch: usize): void {
  const from = item * CHUNK;
  const count = min(CHUNK, load<i32>(args, 8) - from);
  const start = (from as usize) << 2;
  const average = load<usize>(args) + start, value = load<usize>(args, 4) + start;
  const m = load<f32>(args, 12), rest = load<f32>(args, 16);
  const wideM = f32x4.splat(m), wideRest = f32x4.splat(rest);
  const end = ((count & ~3) as usize) << 2;
  for (let at: usize = 0; at < end; at += 16) {
    v128.store(
      average + at,
      f32x4.add(
        f32x4.mul(v128.load(average + at), wideM),
        f32x4.mul(v128.load(value + at), wideRest),
      ),
    );
  }
  for (let at = end; at < (count as usize) << 2; at += 4) {
    store<f32>(average + at, load<f32>(average + at) * m + load<f32>(value + at) * rest);
  }
}
