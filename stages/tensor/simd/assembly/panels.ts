/** Kernels of a convolution in the order in which {@link productTile} walks them. */

/**
 * Writes panel `item`: (taps, inner, 8), zeros beyond the outputs.
 *
 * Arguments: w (of the first tap), panels, taps, inner, outer, then the distances in w from tap to tap, from
 * inner to inner and from outer to outer channel, in numbers, of either sign.
 */
export function packPanels(args: usize, item: i32, _scratch: usize): void {
  const w = load<usize>(args);
  const taps = load<i32>(args, 8);
  const inner = load<i32>(args, 12);
  const tapStep = load<i32>(args, 20);
  const innerStep = load<i32>(args, 24);
  const outerStep = load<i32>(args, 28);
  const first = item << 3;
  const width = min(8, load<i32>(args, 16) - first);
  let to = load<usize>(args, 4) + ((item * taps * inner as usize) << 5);
  for (let k = 0; k < taps; k++) {
    for (let c = 0; c < inner; c++, to += 32) {
      let from = w + ((k * tapStep + c * innerStep + first * outerStep as usize) << 2);
      if (outerStep === 1 && width === 8) {
        v128.store(to, v128.load(from));
        v128.store(to, v128.load(from, 16), 16);
        continue;
      }
      v128.store(to, f32x4.splat(0));
      v128.store(to, f32x4.splat(0), 16);
      for (let j = 0; j < width; j++, from += (outerStep as usize) << 2) {
        store<f32>(to + ((j as usize) << 2), load<f32>(from));
      }
    }
  }
}
