/**
 * Resampling in time (method section 2, step 4).
 *
 * @module
 */

/**
 * The first `length` frames resampled to `frames`, linearly, with half-pixel centres and clamped
 * edges, and without anti-aliasing where the clip shrinks: what OpenCV's bilinear image resize does
 * to the height of an image. For `d` in `0 .. frames-1`, with `f = (d + 0.5) length / frames - 0.5`
 * and `i = floor(f)`, `w = f - i`:
 * `out[d] = x[i] (1 - w) + x[i + 1] w`, at the edges `x[0]` or `x[length - 1]`. Float32 arithmetic.
 *
 * @param x Frames of `size` numbers each; at least `length` of them.
 * @param length Frames to use, at least 1.
 * @param frames Frames to make, T.
 * @param size Numbers in a frame.
 * @returns `frames * size` numbers.
 */
export function resample(
  x: Float32Array,
  length: number,
  frames: number,
  size: number,
): Float32Array<ArrayBuffer> {
  const out = new Float32Array(frames * size);
  for (let d = 0; d < frames; d++) {
    const position = Math.fround((d + 0.5) * (length / frames) - 0.5);
    let i = Math.floor(position);
    let weight = Math.fround(position - i);
    if (i < 0) {
      i = 0;
      weight = 0;
    }
    if (i >= length - 1) {
      i = length - 1;
      weight = 0;
    }
    const here = i * size;
    const next = Math.min(i + 1, length - 1) * size;
    const rest = Math.fround(1 - weight);
    for (let j = 0; j < size; j++) {
      out[d * size + j] = Math.fround(x[here + j]! * rest) + Math.fround(x[next + j]! * weight);
    }
  }
  return out;
}
