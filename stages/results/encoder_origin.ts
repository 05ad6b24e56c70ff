/**
 * Which encoder is behind a result.
 *
 * @module
 */
import { readEncoder } from "../encode/encoder_artifact.ts";
import type { EncoderOrigin } from "./result_file.ts";

/**
 * Reads what a result says of its encoder.
 *
 * @param folder Of an `encoder` artifact.
 */
export async function encoderOrigin(folder: string): Promise<EncoderOrigin> {
  const { config: { width, hidden_dim, stream }, data, clips, members, trained } =
    await readEncoder(
      folder,
    );
  const weights: string[] = [];
  for (const member of members) {
    const bytes = await Deno.readFile(`${folder}/${member}.safetensors`);
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    weights.push(
      [...digest.subarray(0, 8)].map((byte) => byte.toString(16).padStart(2, "0")).join(""),
    );
  }
  return {
    width,
    hidden_dim,
    stream,
    data,
    ...(clips === undefined ? {} : { clips }),
    trained,
    weights,
  };
}
