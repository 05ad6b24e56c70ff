// deno-fmt-ignore-file: it would drop the decorators of functions
/** Passes over flat arrays that combine number by number, in items of {@link CHUNK} numbers. */
import { CHUNK } from "./elementwise";

const SUM: i32 = 0;
const DIFFERENCE: i32 = 1;
const PRODUCT: i32 = 2;
const GATED: i32 = 3;

/** z = x + y. Arguments: x, y, z, size. */
export function sumOf(args: usize, item: i32, _scratch: usize): void {
  combine(args, item, SUM);
}

/** z = x - y. Arguments as of {@link sumOf}. */
export function differenceOf(args: usize, item: i32, _scratch: usize): void {
  combine(args, item, DIFFERENCE);
}

/** z = x y. Arguments as of {@link sumOf}. */
export function productOf(args: usize, item: i32, _scratch: usize): void {
  combine(args, item, PRODUCT);
}

/** z = x where y > 0, else 0: the gradient of ReLU. Arguments as of {@link sumOf}. */
export function gatedBy(args: usize, item: i32, _scratch: usize): void {
  combine(args, item, GATED);
}

@inline
function combine(args: usize, item: i32, how: i32): void {
  const from = item * CHUNK;
  const count = min(CHUNK, load<i32>(args, 12) - from);
  const start = (from as usize) << 2;
  const x = load<usize>(args) + start, y = load<usize>(args, 4) + start;
  const z = load<usize>(args, 8) + start;
  const zero = f32x4.splat(0);
  const end = ((count & ~3) as usize) << 2;
  for (let at: usize = 0; at < end; at += 16) {
    const a = v128.load(x + at), b = v128.load(y + at);
    if (how === SUM) v128.store(z + at, f32x4.add(a, b));
    if (how === DIFFERENCE) v128.store(z + at, f32x4.sub(a, b));
    if (how === PRODUCT) v128.store(z + at, f32x4.mul(a, b));
    if (how === GATED) v128.store(z + at, v128.and(a, f32x4.gt(b, zero)));
  }
  for (let at = end; at < (count as usize) << 2; at += 4) {
    const a = load<f32>(x + at), b = load<f32>(y + at);
    if (how === SUM) store<f32>(z + at, a + b);
    if (how === DIFFERENCE) store<f32>(z + at, a - b);
    if (how === PRODUCT) store<f32>(z + at, a * b);
    if (how === GATED) store<f32>(z + at, b > 0 ? a : 0);
  }
}

/**
 * y = max(mask x + r, 0). Arguments: x, mask or 0 (then 1), r or 0 (then 0), y, size.
 */
export function rectifiedSum(args: usize, item: i32, _scratch: usize): void {
  const mask = load<usize>(args, 4), r = load<usize>(args, 8);
  if (mask === 0) {
    if (r === 0) rectify(args, item, false, false);
    else rectify(args, item, false, true);
  } else if (r === 0) rectify(args, item, true, false);
  else rectify(args, item, true, true);
}

@inline
function rectify(args: usize, item: i32, masked: bool, summed: bool): void {
  const from = item * CHUNK;
  const count = min(CHUNK, load<i32>(args, 16) - from);
  const start = (from as usize) << 2;
  const x = load<usize>(args) + start, mask = load<usize>(args, 4) + start;
  const r = load<usize>(args, 8) + start, y = load<usize>(args, 12) + start;
  const zero = f32x4.splat(0);
  const end = ((count & ~3) as usize) << 2;
  for (let at: usize = 0; at < end; at += 16) {
    let value = v128.load(x + at);
    if (masked) value = f32x4.mul(value, v128.load(mask + at));
    if (summed) value = f32x4.add(value, v128.load(r + at));
    v128.store(y + at, f32x4.pmax(value, zero));
  }
  for (let at = end; at < (count as usize) << 2; at += 4) {
    let value = load<f32>(x + at);
    if (masked) value = value * load<f32>(mask + at);
    if (summed) value = value + load<f32>(r + at);
    store<f32>(y + at, value < 0 ? 0 : value);
  }
}
