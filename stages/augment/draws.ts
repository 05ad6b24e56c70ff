/**
 * The draws of the augmentations: pure functions of the policy (with its seed), the epoch and the
 * clip or batch. Nothing is drawn in sequence across clips, so order and threads change nothing.
 *
 * @module
 */
import { type RandomStream, randomStream } from "../random.ts";
import { BODY_PARTS, jointsOfParts } from "../skeleton/parts.ts";
import type { Span, SwapDraw, ViewDraw } from "./draw_types.ts";
import type { Policy } from "./policy.ts";

/** The two views of a clip that pre-training contrasts, drawn independently of each other. */
export type View = "query" | "key";

/**
 * The crop and shear of one clip's view: start ~ U{0 .. 2P} and six shears ~ U(-amplitude,
 * amplitude), each in [-amplitude, amplitude) in steps of amplitude / 2^23; where the policy asks for
 * them also three angles, each ~ U(-degrees, degrees), and a span of length (T - 1) U(shortest, 1), anywhere
 * in the clip. All by streams of their own, so that switching one off leaves the others as they are.
 *
 * @param sample Index of the clip in the `clips` artifact.
 */
export function drawView(policy: Policy, view: View, epoch: number, sample: number): ViewDraw {
  const { seed, frames, crop, shear: { amplitude }, random: { streams } } = policy;
  const draws = (what: keyof typeof streams.query) =>
    randomStream(seed, streams[view][what], epoch, sample);
  const start = draws("crop").integer(0, crop.starts - 1);
  const shear = new Float32Array(6);
  const stream = draws("shear");
  for (let i = 0; i < 6; i++) shear[i] = amplitude * (2 * stream.uniform() - 1);
  const { degrees } = policy.rotate;
  const { shortest } = policy.resize;
  return {
    start,
    shear,
    ...(Math.max(...degrees) > 0 ? { angles: drawAngles(draws("rotate"), degrees) } : {}),
    ...(shortest < 1 ? { span: drawSpan(draws("resize"), shortest, frames) } : {}),
  };
}

function drawAngles(stream: RandomStream, degrees: readonly number[]): Float32Array {
  return Float32Array.from(degrees, (most) => most * Math.PI / 180 * (2 * stream.uniform() - 1));
}

function drawSpan(stream: RandomStream, shortest: number, frames: number): Span {
  const length = (frames - 1) * (shortest + (1 - shortest) * stream.uniform());
  return { length, from: (frames - 1 - length) * stream.uniform() };
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
