/**
 * What becomes of one recording's bytes: a clip, or what is wrong with it. Plain data, so that it can
 * come from another thread.
 *
 * @module
 */
import { BadRecording } from "../formats/bad_recording.ts";
import type { ClipFrames, ClipIdentity, RecordingForm } from "./recording_form.ts";

/** A clip, or a fault with its place. */
export type ParsedRecording =
  | { readonly kind: "clip"; readonly clip: ClipFrames }
  | { readonly kind: "bad"; readonly reason: string; readonly line: number | undefined };

/**
 * Reads a recording.
 *
 * @param file What to call it in an error.
 * @throws {Error} For whatever is no fault of the recording.
 */
export function parsedRecording(
  form: Pick<RecordingForm, "read">,
  bytes: Uint8Array,
  file: string,
  identity: ClipIdentity,
): ParsedRecording {
  try {
    return { kind: "clip", clip: form.read(bytes, file, identity) };
  } catch (error) {
    if (!(error instanceof BadRecording)) throw error;
    return { kind: "bad", reason: error.reason, line: error.line };
  }
}

/** The fault of a recording whose bytes cannot be had. */
export function unreadable(error: Error): ParsedRecording {
  return { kind: "bad", reason: `cannot be read: ${error.message}`, line: undefined };
}
