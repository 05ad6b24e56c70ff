/**
 * The `encoder` artifact: weights of one or more encoders of one configuration, and what they were
 * trained on.
 *
 * @module
 */
import { z } from "zod";
import { parseJsonText, writeJson } from "../formats/json_text.ts";
import { decodeSafetensors, encodeSafetensors, type SafeTensor } from "../formats/safetensors.ts";
import { type DataShape, type ModelConfig, modelParams } from "../model/config.ts";

const headerSchema = z.object({
  format: z.literal("encoder/1"),
  config: z.object(modelParams),
  data: z.object({ bodies: z.int().min(1), frames: z.int().min(1), classes: z.int().min(1) }),
  clips: z.object({ dataset: z.string(), synthetic: z.literal(true).optional() }).optional(),
  // A member is a plain file name.
  members: z.array(z.string().regex(/^[\w-][\w.-]*$/)).min(1),
  trained: z.object({ epochs: z.int(), steps: z.int(), clips_seen: z.int() }),
});

/** Weights by the names a PyTorch implementation would give them. */
export type Weights = ReadonlyMap<string, SafeTensor>;

/** How much an encoder was trained; zeros for one that was not. */
export interface Trained {
  /** Epochs completed. */
  readonly epochs: number;
  /** Optimiser steps done. */
  readonly steps: number;
  /** Clips seen, each counted every time. */
  readonly clips_seen: number;
}

/** Which clips an encoder was made on. */
export interface ClipsOfEncoder {
  /** Such as `ntu` or `nw_ucla`. */
  readonly dataset: string;
  /** The recordings were made up. */
  readonly synthetic?: true | undefined;
}

/** What every member is: the architecture, and the clips it was made for. */
export interface EncoderKind {
  /** The model's configuration. */
  readonly config: ModelConfig;
  /** Shape of the clips; `classes` is the size of the (untrained) classifier among the weights. */
  readonly data: DataShape;
  /** Where those clips come from; unknown for encoders that were written before it was noted. */
  readonly clips?: ClipsOfEncoder | undefined;
}

/** What `encoder.json` says. */
export interface EncoderHeader extends EncoderKind {
  /** Names of the members, in order; `MEMBER.safetensors` each. */
  readonly members: readonly string[];
  /** How much they were trained. */
  readonly trained: Trained;
}

/**
 * Writes an `encoder` artifact.
 *
 * @param folder The (existing, empty) folder of the output.
 * @param members Weights by member.
 */
export async function writeEncoder(
  folder: string,
  { config, data, clips }: EncoderKind,
  trained: Trained,
  members: ReadonlyMap<string, Weights>,
): Promise<void> {
  await writeMembers(folder, members);
  await writeJson(`${folder}/encoder.json`, {
    format: "encoder/1",
    config,
    data,
    ...(clips === undefined ? {} : { clips: clipsNoted(clips) }),
    members: [...members.keys()],
    trained,
  });
}

/** Of what a set says of itself, what an encoder keeps. */
function clipsNoted({ dataset, synthetic }: ClipsOfEncoder): ClipsOfEncoder {
  return { dataset, ...(synthetic ? { synthetic } : {}) };
}

/** Writes `MEMBER.safetensors` for each member. */
export async function writeMembers(
  folder: string,
  members: ReadonlyMap<string, Weights>,
): Promise<void> {
  for (const [member, weights] of members) {
    await Deno.writeFile(`${folder}/${member}.safetensors`, encodeSafetensors(weights));
  }
}

/**
 * Reads `encoder.json`.
 *
 * @param folder The folder of the `encoder` artifact.
 * @throws {Error} If a field is missing or wrong, naming file and field.
 */
export async function readEncoder(folder: string): Promise<EncoderHeader> {
  const text = await Deno.readTextFile(`${folder}/encoder.json`);
  const parsed = headerSchema.safeParse(parseJsonText(text, "encoder.json"));
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!;
    throw new Error(`encoder.json: ${path.join(".") || "whole file"}: ${message}`);
  }
  return parsed.data;
}

/** Reads the weights of a member. */
export async function readMember(folder: string, member: string): Promise<Weights> {
  const file = `${member}.safetensors`;
  return decodeSafetensors(await Deno.readFile(`${folder}/${file}`), file).tensors;
}
