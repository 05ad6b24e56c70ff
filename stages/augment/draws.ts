/**
 * The draws of the augmentations: pure functions of the policy (with its seed), the epoch and the
 * clip or batch. Nothing is drawn in sequence across clips, so order and threads change nothing.
 *
 * @module
 */
import { randomStream } from "../random.ts";
import { BODY_PARTS, jointsOfParts } from "../skeleton/parts.ts";
import type { SwapDraw, ViewDraw } from "./draw_types.ts";
import type { Policy } from "./policy.ts";

/** The two views of a clip that pre-training contrasts, drawn independently of each other. */
export type View = "query" | "key";

/**
 * The crop and shear of one clip's view: start ~ U{0 .. 2P} and six shears ~ U(-amplitude,
 * amplitude), each in [-amplitude, amplitude) in steps of amplitude / 2^23, by streams of their own,
 * so that switching one off leaves the draws of the other as they are.
 *
 * @param sample Index of the clip in the `clips` artifact.
 */
export function drawView(policy: Policy, view: View, epoch: number, sample: number): ViewDraw {
  const { seed, crop, shear: { amplitude }, random: { streams } } = policy;
  const start = randomStream(seed, streams[view].crop, epoch, sample).integer(0, crop.starts - 1);
  const shear = new Float32Array(6);
  const stream = randomStream(seed, streams[view].shear, epoch, sample);
  for (let i = 0; i < 6; i++) shear[i] = amplitude * (2 * stream.uniform() - 1);
  return { start, shear };
}

/**
 * The part swap of one batch, drawn in the order shift ~ U{1 .. N-2}, number of parts, parts without
 * replacement, ct, t0 ~ U{0 .. total - ct}.
 *
 * @param batch Index of the batch in its epoch.
 * @param size Clips in the batch, N, at least 3.
 * @throws {RangeError} If the batch is too small to have a partner for each clip.
 */
export function drawSwap(policy: Policy, epoch: number, batch: number, size: number): SwapDraw {
  if (!(size >= 3)) throw new RangeError(`a swap needs a batch of at least 3 clips, found ${size}`);
  const { seed, swap, random: { streams } } = policy;
  const stream = randomStream(seed, streams.swap, epoch, batch);
  const shift = stream.integer(1, size - 2);
  const parts = [...stream.choose(BODY_PARTS.length, stream.integer(...swap.parts))];
  const ct = stream.integer(...swap.tokens);
  const t0 = stream.integer(0, swap.tokens_total - ct);
  return { shift, parts: parts.sort((a, b) => a - b), joints: jointsOfParts(parts), t0, ct };
}
