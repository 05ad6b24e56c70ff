/**
 * From as many frames as a recording has to as many as a clip has (method section 2, step 4), and the
 * other ways of the field to do so.
 *
 * @module
 */
import { JOINTS } from "../skeleton/joints.ts";
import { presentSpan, validLength } from "./length.ts";
import { resample } from "./resample.ts";

/** How frames are brought to one number; see {@link resize}. */
export type Resize = "linearPrefix" | "linear" | "nearest" | "centreCrop" | "pad" | "loop";

/** Frames of a recording that are used, from `first` on. */
export interface UsedFrames {
  readonly first: number;
  /** How many; 0 where there is nothing to use. */
  readonly length: number;
}

/**
 * The frames that a way of resizing uses: `linearPrefix` as many as {@link validLength} counts, from
 * the beginning; all others those from the first to the last that has a body.
 */
export function usedFrames(raw: Float32Array, bodies: number, how: Resize): UsedFrames {
  if (how === "linearPrefix") return { first: 0, length: validLength(raw, bodies) };
  const { first, end } = presentSpan(raw, bodies);
  return { first, length: end - first };
}

/**
 * Brings a recording to T frames. With `x[0 .. L-1]` the frames that are used:
 *
 *     linearPrefix, linear   see resample: half-pixel centres, clamped edges, no anti-aliasing
 *     nearest      out[d] = x[floor((d + 1/2) L / T)]
 *     centreCrop   out[d] = x[floor((L - T) / 2) + d] where L >= T, else as pad
 *     pad          out[d] = x[d] where d < L, else 0
 *     loop         out[d] = x[d mod L]
 *
 * @param raw Coordinates of (frames, bodies, 25, 3); those used are within it.
 * @param bodies Number of bodies, M.
 * @param frames Frames to make, T.
 * @returns Coordinates of (T, bodies, 25, 3).
 */
export function resize(
  raw: Float32Array,
  bodies: number,
  { first, length }: UsedFrames,
  frames: number,
  how: Resize,
): Float32Array<ArrayBuffer> {
  const size = bodies * JOINTS * 3;
  const x = raw.subarray(first * size, (first + length) * size);
  if (how === "linearPrefix" || how === "linear") return resample(x, length, frames, size);
  const source = sourceFrame(how, length, frames);
  const out = new Float32Array(frames * size);
  for (let d = 0; d < frames; d++) {
    const i = source(d);
    if (i < length) out.set(x.subarray(i * size, (i + 1) * size), d * size);
  }
  return out;
}

/** The frame that becomes frame `d`; one behind the last stands for an empty frame. */
function sourceFrame(
  how: Exclude<Resize, "linearPrefix" | "linear">,
  length: number,
  frames: number,
): (d: number) => number {
  const skipped = Math.max(0, Math.floor((length - frames) / 2));
  switch (how) {
    case "nearest":
      return (d) => Math.floor((2 * d + 1) * length / (2 * frames));
    case "centreCrop":
      return (d) => skipped + d;
    case "pad":
      return (d) => d;
    case "loop":
      return (d) => d % length;
  }
}
