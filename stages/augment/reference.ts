/**
 * The augmentations and streams on plain arrays, one clip at a time: what a preview draws, and the
 * oracle of the operations that devices run. Clips are (3, T, 25, M), row-major.
 *
 * @module
 */
import { BONE_PARENTS } from "../skeleton/bones.ts";
import { JOINTS } from "../skeleton/joints.ts";
import type { Span, SwapDraw, ViewDraw } from "./draw_types.ts";

const CHANNELS = 3;

/** What the clips of a batch have in common. */
export interface ClipShape {
  /** T. */
  readonly frames: number;
  /** M. */
  readonly bodies: number;
}

/** Numbers in one clip. */
export function clipLength({ frames, bodies }: ClipShape): number {
  return CHANNELS * frames * JOINTS * bodies;
}

/**
 * The frame of the clip from which frame `t` of a crop comes: the clip is padded at both ends by the
 * mirror image of its first and last `pad` frames, the edge frame included.
 *
 * @param t 0 .. frames-1.
 * @param start First frame of the crop in the padded clip, 0 .. 2 pad.
 */
export function croppedFrame(t: number, start: number, pad: number, frames: number): number {
  const position = start + t - pad;
  if (position < 0) return -1 - position;
  return position < frames ? position : 2 * frames - 1 - position;
}

/** Temporal crop (method section 3.1): `T` frames of the padded clip from `start` on. */
export function crop(
  clip: Float32Array,
  { frames, bodies }: ClipShape,
  pad: number,
  start: number,
): Float32Array<ArrayBuffer> {
  const frame = JOINTS * bodies;
  const out = new Float32Array(clip.length);
  for (let c = 0; c < CHANNELS; c++) {
    for (let t = 0; t < frames; t++) {
      const from = (c * frames + croppedFrame(t, start, pad, frames)) * frame;
      out.set(clip.subarray(from, from + frame), (c * frames + t) * frame);
    }
  }
  return out;
}

/** The 3 x 3 matrix, row-major, that a shear multiplies column vectors (x, y, z) by. */
export function shearMatrix(shear: ArrayLike<number>): Float32Array<ArrayBuffer> {
  const [a0, a1, a2, b0, b1, b2] = Array.from(shear) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return Float32Array.of(1, a0, b0, a1, 1, b1, a2, b2, 1);
}

/** Shear (method section 3.1): x' = x + a0 y + b0 z; y' = a1 x + y + b1 z; z' = a2 x + b2 y + z. */
export function shear(clip: Float32Array, factors: ArrayLike<number>): Float32Array<ArrayBuffer> {
  return transform(clip, shearMatrix(factors));
}

/** A clip with every (x, y, z) multiplied by a matrix. */
function transform(clip: Float32Array, m: Float32Array): Float32Array<ArrayBuffer> {
  const plane = clip.length / CHANNELS;
  const out = new Float32Array(clip.length);
  for (let i = 0; i < plane; i++) {
    const x = clip[i]!;
    const y = clip[plane + i]!;
    const z = clip[2 * plane + i]!;
    for (let c = 0; c < CHANNELS; c++) {
      out[c * plane + i] = m[3 * c]! * x + m[3 * c + 1]! * y + m[3 * c + 2]! * z;
    }
  }
  return out;
}

/**
 * The 3 x 3 matrix, row-major, that turns about x, then y, then z, each counter-clockwise as seen from
 * the axis' end.
 *
 * @param angles Radians.
 */
export function rotationMatrix(angles: ArrayLike<number>): Float32Array<ArrayBuffer> {
  const [cx, cy, cz] = Array.from(angles, Math.cos) as [number, number, number];
  const [sx, sy, sz] = Array.from(angles, Math.sin) as [number, number, number];
  // deno-fmt-ignore
  return Float32Array.of(
    cz * cy, cz * sy * sx - sz * cx, cz * sy * cx + sz * sx,
    sz * cy, sz * sy * sx + cz * cx, sz * sy * cx - cz * sx,
    -sy, cy * sx, cy * cx,
  );
}

/** The 3 x 3 matrix, row-major, of a view: turned where it is to be, then sheared. */
export function viewMatrix({ shear, angles }: ViewDraw): Float32Array<ArrayBuffer> {
  const sheared = shearMatrix(shear);
  if (angles === undefined) return sheared;
  const turned = rotationMatrix(angles);
  return Float32Array.from({ length: 9 }, (_, i) => {
    const [row, column] = [i - i % 3, i % 3];
    return [0, 1, 2].reduce((sum, k) => sum + sheared[row + k]! * turned[3 * k + column]!, 0);
  });
}

/**
 * Where frame `t` of a clip comes from once a part of it is drawn out to its whole length: between two
 * neighbouring frames.
 *
 * @returns The first of the two, and the share of the second, in 0 .. 1.
 */
export function drawnOutFrame(
  t: number,
  { from, length }: Span,
  frames: number,
): { readonly frame: number; readonly share: number } {
  if (frames === 1) return { frame: 0, share: 0 };
  const position = from + t * length / (frames - 1);
  const frame = Math.min(Math.floor(position), frames - 2);
  return { frame, share: Math.min(1, position - frame) };
}

/** A part of a clip drawn out to its whole length, by straight lines between frames. */
export function drawOut(
  clip: Float32Array,
  { frames, bodies }: ClipShape,
  span: Span,
): Float32Array<ArrayBuffer> {
  const size = JOINTS * bodies;
  const out = new Float32Array(clip.length);
  for (let row = 0; row < CHANNELS * frames; row++) {
    const { frame, share } = drawnOutFrame(row % frames, span, frames);
    const at = (row - row % frames + frame) * size;
    for (let i = 0; i < size; i++) {
      const first = clip[at + i]!;
      const second = frames === 1 ? first : clip[at + size + i]!;
      out[row * size + i] = first + share * (second - first);
    }
  }
  return out;
}

/** One view of a clip: drawn out, cropped, turned and sheared. */
export function augmentView(
  clip: Float32Array,
  shape: ClipShape,
  pad: number,
  draw: ViewDraw,
): Float32Array<ArrayBuffer> {
  const drawn = draw.span === undefined ? clip : drawOut(clip, shape, draw.span);
  return transform(crop(drawn, shape, pad, draw.start), viewMatrix(draw));
}

/**
 * Part swap of a batch (method section 3.2): clip i with the drawn frames and joints, all bodies and
 * channels, taken from clip (i + shift) mod N as that was before the swap.
 *
 * @param batch N clips, one after the other; left as it is.
 * @param framesPerToken 4: frames that one token in time stands for.
 * @returns The mixed batch.
 */
export function swapParts(
  batch: Float32Array,
  shape: ClipShape,
  { shift, joints, t0, ct }: SwapDraw,
  framesPerToken: number,
): Float32Array<ArrayBuffer> {
  const { frames, bodies } = shape;
  const length = clipLength(shape);
  const size = batch.length / length;
  const out = new Float32Array(batch);
  for (let n = 0; n < size; n++) {
    const partner = (n + shift) % size;
    for (let c = 0; c < CHANNELS; c++) {
      for (let t = framesPerToken * t0; t < framesPerToken * (t0 + ct); t++) {
        for (const joint of joints) {
          const at = ((c * frames + t) * JOINTS + joint) * bodies;
          for (let m = 0; m < bodies; m++) {
            out[n * length + at + m] = batch[partner * length + at + m]!;
          }
        }
      }
    }
  }
  return out;
}

/** The views of a clip that an encoder may be fed (method section 3.3). */
export type Stream = "joint" | "motion" | "bone";

/**
 * A clip as a stream: `joint` is the clip; `motion` is the next frame minus this one, 0 in the last;
 * `bone` is a joint minus its parent, 0 at the root.
 */
export function toStream(
  clip: Float32Array,
  { frames, bodies }: ClipShape,
  stream: Stream,
): Float32Array<ArrayBuffer> {
  if (stream === "joint") return new Float32Array(clip);
  const out = new Float32Array(clip.length);
  const frame = JOINTS * bodies;
  for (let c = 0; c < CHANNELS; c++) {
    for (let t = 0; t < frames; t++) {
      const at = (c * frames + t) * frame;
      for (let i = 0; i < frame; i++) {
        if (stream === "bone") {
          const joint = Math.floor(i / bodies);
          const parent = at + BONE_PARENTS[joint]! * bodies + i % bodies;
          out[at + i] = clip[at + i]! - clip[parent]!;
        } else if (t + 1 < frames) {
          out[at + i] = clip[at + frame + i]! - clip[at + i]!;
        }
      }
    }
  }
  return out;
}
