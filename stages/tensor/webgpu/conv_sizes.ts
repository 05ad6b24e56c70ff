/**
 * Sizes of a convolution along time.
 *
 * @module
 */

/** See the module. */
export interface ConvSizes {
  readonly taps: number;
  /** C. */
  readonly inner: number;
  /** O. */
  readonly outer: number;
  /** 1 or 2. */
  readonly stride: number;
  /** V. */
  readonly joints: number;
  /** T, of x. */
  readonly frames: number;
  /** T / stride, of y. */
  readonly steps: number;
  /** B. */
  readonly bodies: number;
}
