/** Masks of dropout, in items of {@link CHUNK} numbers. */
import { lanes } from "./bits";
import { CHUNK } from "./elementwise";
import { keptBits } from "./threefry";

/**
 * mask[i] = factor where word i of the stream is at least the threshold, else 0. Arguments: mask, size,
 * key (two words), threshold, factor (f32).
 */
export function dropoutMask(args: usize, item: i32, _scratch: usize): void {
  const from = item * CHUNK;
  const count = min(CHUNK, load<i32>(args, 4) - from);
  const key0 = load<i32>(args, 8), key1 = load<i32>(args, 12), threshold = load<i32>(args, 16);
  const factor = load<f32>(args, 20);
  const wide = f32x4.splat(factor);
  let to = load<usize>(args) + ((from as usize) << 2);
  let block = from >>> 1;
  let i = 0;
  for (; i + 16 <= count; i += 16) {
    const word = i32x4.splat(keptBits(key0, key1, block, threshold));
    v128.store(to, v128.and(wide, lanes(word, 0)));
    v128.store(to, v128.and(wide, lanes(word, 1)), 16);
    v128.store(to, v128.and(wide, lanes(word, 2)), 32);
    v128.store(to, v128.and(wide, lanes(word, 3)), 48);
    to += 64, block += 8;
  }
  if (i < count) {
    let bits = keptBits(key0, key1, block, threshold);
    for (; i < count; i++) {
      store<f32>(to, (bits & 1) === 0 ? 0 : factor);
      to += 4, bits >>>= 1;
    }
  }
}
