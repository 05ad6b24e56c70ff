/**
 * How a convolution along time is cut into blocks of frames by bodies: by its shape alone.
 *
 * @module
 */
import { SCRATCH_BYTES } from "./kernel_pool.ts";

/** Bytes of a number. */
const WORD = 4;

/** Most bodies in a block. */
const BODIES = 64;

/** Rows (frames by bodies) in a block that is read where it lies. */
const ROWS = 256;

/** Bytes of a block that is copied, with the frames around it: half of a second cache. */
const COPIED_BYTES = 384 << 10;

/** Rows in a block of the kernel's gradient. */
const GRADIENT_ROWS = 1024;

/** Items that keep some threads busy to the end. */
export const ITEMS = 48;

/** Of the scratch, what pointers and the like may take. */
const RESERVED = 8192;

/** A block. */
export interface Blocks {
  readonly frames: number;
  readonly bodies: number;
}

/** Number of a joint's blocks. */
export function countOf(blocks: Blocks, steps: number, bodies: number): number {
  return Math.ceil(steps / blocks.frames) * Math.ceil(bodies / blocks.bodies);
}

/** Rows of each block, in the kernels' order. */
export function rowsOf(blocks: Blocks, joints: number, steps: number, bodies: number): number[] {
  const parts = (length: number, block: number) =>
    Array.from(
      { length: Math.ceil(length / block) },
      (_, i) => Math.min(block, length - i * block),
    );
  const frames = parts(steps, blocks.frames);
  const joint = parts(bodies, blocks.bodies).flatMap((width) =>
    frames.map((count) => count * width)
  );
  return Array.from({ length: joints }, () => joint).flat();
}

/** Blocks of a pass that writes outputs, `copied` if its inputs do not stay where they lie. */
export function forwardBlocks(
  { steps, bodies, inner, taps, stride, copied }: {
    steps: number;
    bodies: number;
    inner: number;
    taps: number;
    stride: number;
    copied: boolean;
  },
): Blocks {
  let width = Math.min(bodies, BODIES);
  if (!copied) return { frames: Math.min(steps, Math.ceil(ROWS / width)), bodies: width };
  const bytes = (count: number) => WORD * inner * width * (stride * (count - 1) + taps);
  while (bytes(1) > SCRATCH_BYTES - RESERVED) {
    if (width === 1) {
      throw new RangeError(`a frame of ${inner} channels and its taps are too large`);
    }
    width = width >> 1;
  }
  let count = Math.min(steps, Math.ceil(GRADIENT_ROWS / width));
  while (count > 1 && bytes(count) > COPIED_BYTES) count = count >> 1;
  return { frames: count, bodies: width };
}

/** Blocks of the kernel's gradient. */
export function gradientBlocks(
  { joints, steps, bodies, inner, outer, taps, stride }: {
    joints: number;
    steps: number;
    bodies: number;
    inner: number;
    outer: number;
    taps: number;
    stride: number;
  },
): Blocks {
  let width = Math.min(bodies, BODIES);
  let count = Math.min(steps, Math.ceil(GRADIENT_ROWS / width));
  const items = () => joints * countOf({ frames: count, bodies: width }, steps, bodies);
  while (count > 8 && items() < ITEMS) count = Math.ceil(count / 2);
  const bytes = () => {
    const span = count + Math.ceil(taps / stride);
    return WORD * width * (count * upTo(outer, 8) + stride * span * upTo(inner, 4));
  };
  while (bytes() > SCRATCH_BYTES) {
    if (count > 1) count = count >> 1;
    else if (width > 1) width = width >> 1;
    else throw new RangeError(`frames of ${inner} and ${outer} channels are too large`);
  }
  return { frames: count, bodies: width };
}

/** The next multiple. */
export function upTo(n: number, multiple: number): number {
  return Math.ceil(n / multiple) * multiple;
}
