/**
 * Figures in words.
 *
 * @module
 */

/** Such as `1.80 GB` or `21.0 MB`. */
export function gigabytes(bytes: number): string {
  if (bytes === 0) return "0 bytes";
  if (bytes >= 1e9) return `${(bytes / 1e9).toPrecision(3)} GB`;
  return bytes >= 1e6 ? `${(bytes / 1e6).toPrecision(3)} MB` : `${bytes} bytes`;
}

/** Operations a second, such as `3.20 TFLOP/s` or `45.1 GFLOP/s`. */
export function speed(flops: number): string {
  return flops >= 1e12
    ? `${(flops / 1e12).toPrecision(3)} TFLOP/s`
    : `${(flops / 1e9).toPrecision(3)} GFLOP/s`;
}

/** A time, such as `1.08 s` or `35.4 ms`. */
export function duration(seconds: number): string {
  return seconds >= 1 ? `${seconds.toPrecision(3)} s` : `${(1000 * seconds).toPrecision(3)} ms`;
}
