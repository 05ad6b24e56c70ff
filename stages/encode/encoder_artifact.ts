/**
 * The `encoder` artifact: weights of one or more encoders of one configuration, and what they were
 * trained on.
 *
 * @module
 */
import { parseJsonText, writeJson } from "../formats/json_text.ts";
import { decodeSafetensors, encodeSafetensors, type SafeTensor } from "../formats/safetensors.ts";

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

/** What `encoder.json` says. */
export interface EncoderHeader {
  /** The model's configuration, as JSON values; the model's own reader checks it. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Names of the members, in order; `MEMBER.safetensors` each. */
  readonly members: readonly string[];
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
  config: Readonly<Record<string, unknown>>,
  trained: Trained,
  members: ReadonlyMap<string, Weights>,
): Promise<void> {
  for (const [member, weights] of members) {
    await Deno.writeFile(`${folder}/${member}.safetensors`, encodeSafetensors(weights));
  }
  await writeJson(`${folder}/encoder.json`, {
    format: "encoder/1",
    config,
    members: [...members.keys()],
    trained,
  });
}

/**
 * Reads `encoder.json`.
 *
 * @param folder The folder of the `encoder` artifact.
 * @throws {Error} If a field is missing or wrong, naming file and field.
 */
export async function readEncoder(folder: string): Promise<EncoderHeader> {
  const text = await Deno.readTextFile(`${folder}/encoder.json`);
  const value = parseJsonText(text, "encoder.json") as Record<string, unknown> | null;
  const fail = (field: string, expected: string) =>
    new Error(
      `encoder.json: ${field}: expected ${expected}, found ${JSON.stringify(value?.[field])}`,
    );
  if (value?.format !== "encoder/1") throw fail("format", '"encoder/1"');
  const { config, members, trained } = value;
  if (typeof config !== "object" || config === null) throw fail("config", "an object");
  if (!Array.isArray(members) || members.length === 0 || !members.every(isName)) {
    throw fail("members", "a list of names");
  }
  if (typeof trained !== "object" || trained === null) throw fail("trained", "an object");
  return { config: config as Record<string, unknown>, members, trained: trained as Trained };
}

/** Reads the weights of a member. */
export async function readMember(folder: string, member: string): Promise<Weights> {
  const file = `${member}.safetensors`;
  return decodeSafetensors(await Deno.readFile(`${folder}/${file}`), file).tensors;
}

/** A member is a plain file name. */
function isName(value: unknown): value is string {
  return typeof value === "string" && /^[\w-][\w.-]*$/.test(value);
}
