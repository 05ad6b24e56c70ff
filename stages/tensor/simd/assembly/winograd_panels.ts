/** Kernels at the points of Winograd's form, in the order in which its products walk them. */
import { kernelAtPoint, POINTS, TILE } from "./minimal_filter";

/** Groups of taps. */
const GROUPS: i32 = 3;

/**
 * Writes panel `item` of the kernels at the points: (points, groups, inner, 8). Arguments as of `packPanels`, with
 * nine taps.
 */
export function packWinogradPanels(args: usize, item: i32, _scratch: usize): void {
  const inner = load<i32>(args, 12);
  const tapStep = load<i32>(args, 20) << 2;
  const innerStep = load<i32>(args, 24) << 2;
  const outerStep = load<i32>(args, 28) << 2;
  const first = item << 3;
  const width = min(8, load<i32>(args, 16) - first);
  const w = load<usize>(args) + first * outerStep;
  const row: usize = 32;
  const group = row * inner;
  const point = group * GROUPS;
  const panel = load<usize>(args, 4) + point * (POINTS * item);
  for (let g = 0; g < GROUPS; g++) {
    for (let c = 0; c < inner; c++) {
      const from = w + (TILE * g * tapStep + c * innerStep);
      const to = panel + group * g + row * c;
      for (let half = 0; half < 2; half++) {
        const at = from + 4 * half * outerStep;
        const many = width - 4 * half;
        const k0 = fourOf(at, outerStep, many);
        const k1 = fourOf(at + tapStep, outerStep, many);
        const k2 = fourOf(at + 2 * tapStep, outerStep, many);
        const out = to + 16 * half;
        v128.store(out, kernelAtPoint(k0, k1, k2, 0));
        v128.store(out + point, kernelAtPoint(k0, k1, k2, 1));
        v128.store(out + 2 * point, kernelAtPoint(k0, k1, k2, 2));
        v128.store(out + 3 * point, kernelAtPoint(k0, k1, k2, 3));
        v128.store(out + 4 * point, kernelAtPoint(k0, k1, k2, 4));
      }
    }
  }
}

/** Up to four numbers that are `step` bytes apart, zeros beyond them. */
function fourOf(from: usize, step: i32, many: i32): v128 {
  if (step === 4 && many >= 4) return v128.load(from);
  let x = f32x4.splat(0);
  if (many > 0) x = f32x4.replace_lane(x, 0, load<f32>(from));
  if (many > 1) x = f32x4.replace_lane(x, 1, load<f32>(from + step));
  if (many > 2) x = f32x4.replace_lane(x, 2, load<f32>(from + 2 * step));
  if (many > 3) x = f32x4.replace_lane(x, 3, load<f32>(from + 3 * step));
  return x;
}
