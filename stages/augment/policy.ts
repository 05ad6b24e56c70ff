/**
 * The augmentation policy: every choice that the draws of `draws.ts` need, resolved for clips of one
 * length, so that pre-training needs nothing else.
 *
 * @module
 */
import { z } from "zod";
import { parseJsonText } from "../formats/json_text.ts";
import { BODY_PARTS } from "../skeleton/parts.ts";
import type { AugmentParams } from "./definition.ts";

/** Frames of a clip that one token in time stands for: the encoder halves time twice. */
export const FRAMES_PER_TOKEN = 4;

/** Tokens of the clips that the ranges of `augment`'s parameters speak of: 64 frames. */
export const NOMINAL_TOKENS = 16;

const range = z.tuple([z.int().min(1), z.int().min(1)]);

const angle = z.number().min(0).max(180);

const viewStreams = z.strictObject({
  crop: z.string(),
  shear: z.string(),
  rotate: z.string(),
  resize: z.string(),
});

const policySchema = z.strictObject({
  format: z.literal("policy/1"),
  frames: z.int().min(FRAMES_PER_TOKEN),
  seed: z.int().min(0),
  crop: z.strictObject({
    enabled: z.boolean(),
    ratio: z.int().min(1),
    pad: z.int().min(0),
    starts: z.int().min(1),
  }),
  shear: z.strictObject({ enabled: z.boolean(), amplitude: z.number().min(0) }),
  rotate: z.strictObject({ degrees: z.tuple([angle, angle, angle]) }),
  resize: z.strictObject({ shortest: z.number().gt(0).max(1) }),
  swap: z.strictObject({
    enabled: z.boolean(),
    parts: range,
    tokens: range,
    tokens_total: z.int().min(1),
    frames_per_token: z.int().min(1),
  }),
  random: z.strictObject({
    generator: z.literal("threefry2x32-20"),
    streams: z.strictObject({
      query: viewStreams,
      key: viewStreams,
      swap: z.string(),
    }),
  }),
});

/** A resolved policy: the content of `policy.json`. */
export type Policy = z.output<typeof policySchema>;

/**
 * Resolves parameters for clips of some length: the crop's padding is `floor(T / ratio)` and its
 * starts `0 .. 2 pad`, and ranges in tokens are scaled by `(T / 4) / 16`, rounded, at least 1.
 *
 * @param params Parameters of the `augment` stage.
 * @param frames Frames of a clip, T, a multiple of 4.
 */
export function resolvePolicy(params: AugmentParams, frames: number): Policy {
  const { crop, shear, rotate, resize, swap } = params;
  const pad = crop.enabled ? Math.floor(frames / crop.ratio) : 0;
  const total = frames / FRAMES_PER_TOKEN;
  const scaled = (tokens: number) => Math.max(1, Math.round(tokens * total / NOMINAL_TOKENS));
  return {
    format: "policy/1",
    frames,
    seed: params.seed,
    crop: { enabled: crop.enabled, ratio: crop.ratio, pad, starts: 2 * pad + 1 },
    shear: { enabled: shear.enabled, amplitude: shear.enabled ? shear.amplitude : 0 },
    rotate,
    resize,
    swap: {
      enabled: swap.enabled,
      parts: swap.parts,
      tokens: [scaled(swap.tokens[0]), scaled(swap.tokens[1])],
      tokens_total: total,
      frames_per_token: FRAMES_PER_TOKEN,
    },
    random: {
      generator: "threefry2x32-20",
      streams: {
        query: streamsOf("query"),
        key: streamsOf("key"),
        swap: "augment/swap",
      },
    },
  };
}

function streamsOf(view: string): z.output<typeof viewStreams> {
  const name = (what: string) => `augment/${view}/${what}`;
  return {
    crop: name("crop"),
    shear: name("shear"),
    rotate: name("rotate"),
    resize: name("resize"),
  };
}

/** What contradicts itself in a policy, in words; empty if nothing does. */
export function policyProblems({ frames, crop, swap }: Policy): string[] {
  const problems: string[] = [];
  const check = (holds: boolean, problem: string) => holds || problems.push(problem);
  check(crop.pad <= frames, `crop.pad: at most the ${frames} frames of a clip, found ${crop.pad}`);
  check(
    crop.starts === 2 * crop.pad + 1,
    `crop.starts: expected 2 pad + 1 = ${2 * crop.pad + 1}, found ${crop.starts}`,
  );
  check(
    swap.parts[0] <= swap.parts[1] && swap.parts[1] <= BODY_PARTS.length,
    `swap.parts: expected low <= high <= ${BODY_PARTS.length}, found ${swap.parts.join(", ")}`,
  );
  check(
    swap.tokens[0] <= swap.tokens[1] && swap.tokens[1] <= swap.tokens_total,
    `swap.tokens: expected low <= high <= ${swap.tokens_total}, found ${swap.tokens.join(", ")}`,
  );
  check(
    swap.tokens_total * swap.frames_per_token === frames,
    `swap.tokens_total: expected frames / frames_per_token, found ${swap.tokens_total}`,
  );
  return problems;
}

/**
 * Reads a policy.
 *
 * @param path The `policy` artifact's folder.
 * @throws {Error} If `policy.json` is missing, of another form or contradicts itself.
 */
export async function readPolicy(path: string): Promise<Policy> {
  const file = `${path}/policy.json`;
  const parsed = policySchema.safeParse(parseJsonText(await Deno.readTextFile(file), file));
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw new Error(`${file}: ${issue.path.join(".") || "policy"}: ${issue.message}`);
  }
  const problem = policyProblems(parsed.data)[0];
  if (problem !== undefined) throw new Error(`${file}: ${problem}`);
  return parsed.data;
}
