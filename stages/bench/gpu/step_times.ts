/**
 * Where the time of a pre-training step goes, by the device's own clock.
 *
 * @module
 */
import { median } from "../../statistics/median.ts";
import { type CallTime, callTimes } from "../../tensor/webgpu/call_times.ts";
import { gpuBackend } from "../../tensor/webgpu/gpu_backend.ts";
import type { Operation } from "../arithmetic.ts";
import type { Training } from "../training.ts";

/** What a call works for: an operation of the model, or something that several share. */
export type Purpose = Operation | "sums of parts" | "part swap and stream" | "the library's own";

/** Time and calls of a kind. */
export interface Share {
  readonly name: string;
  readonly seconds: number;
  readonly calls: number;
}

/** The time of a step. */
export interface StepTimes {
  /** Of all calls, each on its own: a little more than when they may overlap. */
  readonly seconds: number;
  /** The longest first. */
  readonly purposes: readonly Share[];
  /** Likewise, by kernel. */
  readonly kernels: readonly Share[];
}

/** Beginnings of kernels' keys; the first that fits counts. */
const BEGINNINGS: readonly (readonly [RegExp, Purpose])[] = [
  [/^temporal conv/, "temporal convolution"],
  [/^graphConv/, "graph convolution"],
  [
    /^(moments|column means|combined sums|gradient \d|sums of gradients|normalisation|normalised rows|frame rows|dropout|relu)/,
    "normalisation to block end",
  ],
  [/^attend/, "attention"],
  [/^matrix /, "dense layers"],
  [
    /^(masked means|mean of bodies|means of numbers|scaled sigmoid|layer norm|leading swap|spread row|row of a stack)/,
    "pooling and mask",
  ],
  [/^(info nce|normalize rows|total loss)/, "contrastive loss"],
  [/^(sgd|ema|assign)/, "update"],
  [/^(sum of parts|\d+ sums of|sums of \d)/, "sums of parts"],
  [/^(swap|stream|views)/, "part swap and stream"],
];

/** What a kernel works for, by its key. */
export function purposeOf(kernel: string): Purpose {
  return BEGINNINGS.find(([beginning]) => beginning.test(kernel))?.[1] ?? "the library's own";
}

/**
 * Times steps, whose kernels have been compiled before.
 *
 * @param steps How many; of each call in a step the median counts.
 */
export async function stepTimes(training: Training, steps = 1): Promise<StepTimes> {
  const taken: CallTime[][] = [];
  for (let i = 0; i < steps; i++) {
    taken.push(await callTimes(gpuBackend(), () => training.begin()));
  }
  const calls = taken[0]!.map(({ kernel }, i) => ({
    kernel,
    seconds: median(taken.map((step) => step[i]!.seconds)),
  }));
  return {
    seconds: calls.reduce((sum, { seconds }) => sum + seconds, 0),
    purposes: shares(calls, ({ kernel }) => purposeOf(kernel)),
    kernels: shares(calls, ({ kernel }) => kernel),
  };
}

function shares(calls: readonly CallTime[], nameOf: (call: CallTime) => string): Share[] {
  const found = new Map<string, { name: string; seconds: number; calls: number }>();
  for (const call of calls) {
    const name = nameOf(call);
    const share = found.get(name) ?? { name, seconds: 0, calls: 0 };
    share.seconds += call.seconds;
    share.calls++;
    found.set(name, share);
  }
  return [...found.values()].sort((a, b) => b.seconds - a.seconds);
}
