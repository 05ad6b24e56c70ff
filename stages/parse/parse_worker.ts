/**
 * Reads and parses recordings in a Worker.
 *
 * @module
 */
import { type FileBuffer, fileBuffer } from "../formats/file_buffer.ts";
import { type PackedFile, unpackFile } from "../formats/zip_data.ts";
import { type ParsedRecording, parsedRecording, unreadable } from "./parsed_recording.ts";
import type { ClipIdentity, RecordingForm } from "./recording_form.ts";
import { serveTasks } from "./serve_tasks.ts";

/**
 * Larger files, and such as make larger clips, are left to the pool's owner, one at a time: what is under
 * way stays in bounds. In bytes; clips of NTU have a tenth of that.
 */
export const LARGE_FILE = 16 * 2 ** 20, LARGE_CLIP = 2 * 2 ** 20;

/** A recording to be parsed. */
export interface ParseTask {
  readonly name: string;
  readonly identity: ClipIdentity;
  /** The file to read, its bytes, or its bytes as they lie in an archive. */
  readonly from: string | Uint8Array | PackedFile;
}

/** What a Worker made of one recording; one that is too large for it is the owner's to read. */
export type WorkerParsed = ParsedRecording | { readonly kind: "large" };

/**
 * Serves a pool of {@link ParseTask}s from within a Worker.
 *
 * @param formOf Makes the form from the pool's parameters.
 */
export function serveParsing(formOf: (params: unknown) => RecordingForm): void {
  serveTasks(
    (params: unknown) => {
      const form = formOf(params);
      const buffer = fileBuffer(LARGE_FILE);
      return (task: ParseTask) => answerTo(task, form, buffer);
    },
    (one) => one.kind === "clip" ? [one.clip.positions.buffer as ArrayBuffer] : [],
  );
}

function answerTo(
  { name, identity, from }: ParseTask,
  form: RecordingForm,
  buffer: FileBuffer,
): WorkerParsed {
  let bytes: Uint8Array | undefined;
  try {
    bytes = typeof from === "string"
      ? buffer.read(from)
      : from instanceof Uint8Array
      ? from
      : unpackFile(from);
  } catch (error) {
    return unreadable(error as Error);
  }
  if (bytes === undefined) return { kind: "large" };
  const parsed = parsedRecording(form, bytes, name, identity);
  const large = parsed.kind === "clip" && parsed.clip.positions.byteLength > LARGE_CLIP;
  return large ? { kind: "large" } : parsed;
}
