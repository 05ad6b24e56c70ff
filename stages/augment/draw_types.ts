/**
 * What an augmentation draws, apart from the drawing and from the tensors it is applied to.
 *
 * @module
 */

/** The draw of one clip's view (method section 3.1). */
export interface ViewDraw {
  /** First frame of the crop in the padded clip, 0 .. 2P. */
  readonly start: number;
  /** a0, a1, a2, b0, b1, b2: x' = x + a0 y + b0 z; y' = a1 x + y + b1 z; z' = a2 x + b2 y + z. */
  readonly shear: Float32Array;
  /** Angles in radians about x, y and z, in this order of turning; absent if the clip is not turned. */
  readonly angles?: Float32Array;
  /** The part of the clip that is drawn out to its whole length; absent if all of it is taken. */
  readonly span?: Span;
}

/** A part of a clip, in frames and fractions of them. */
export interface Span {
  /** Its first frame, from 0. */
  readonly from: number;
  /** Frames from its first to its last one, at most T - 1. */
  readonly length: number;
}

/** The part swap of one batch (method section 3.2): clip i takes from clip (i + shift) mod N. */
export interface SwapDraw {
  /** 1 .. N-2. */
  readonly shift: number;
  /** Indices into the five body parts, ascending. */
  readonly parts: readonly number[];
  /** The joints of those parts, ascending. */
  readonly joints: readonly number[];
  /** First token in time. */
  readonly t0: number;
  /** Number of tokens in time: with 4 frames a token, frames 4 t0 .. 4 (t0 + ct) - 1 are swapped. */
  readonly ct: number;
}
