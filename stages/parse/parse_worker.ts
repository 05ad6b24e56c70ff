/**
 * The other side of a {@link import("./parse_pool.ts").ParsePool}: reads and parses recordings in a
 * Worker.
 *
 * @module
 */
import { type FileBuffer, fileBuffer } from "../formats/file_buffer.ts";
import { type PackedFile, unpackFile } from "../formats/zip_data.ts";
import { type ParsedRecording, parsedRecording, unreadable } from "./parsed_recording.ts";
import type { ClipIdentity, RecordingForm } from "./recording_form.ts";

/**
 * Larger files, and such as make larger clips, are left to the pool's owner, one at a time: what is under
 * way stays in bounds. In bytes; clips of NTU have a tenth of that.
 */
export const LARGE_FILE = 16 * 2 ** 20, LARGE_CLIP = 2 * 2 ** 20;

/** What a Worker is told first. */
export interface ParseStart {
  /** The data set's own parameters. */
  readonly params: unknown;
}

/** A recording to be parsed. */
export interface ParseTask {
  readonly name: string;
  readonly identity: ClipIdentity;
  /** The file to read, its bytes, or its bytes as they lie in an archive. */
  readonly from: string | Uint8Array | PackedFile;
}

/** What a Worker answers to a list of tasks: one a task, or why it gave up. */
export type ParseAnswer =
  | { readonly parsed: readonly (ParsedRecording | { readonly kind: "large" })[] }
  | { readonly failed: string; readonly forUser: boolean };

interface WorkerScope {
  onmessage: ((event: MessageEvent<ParseStart | readonly ParseTask[]>) => void) | null;
  postMessage(answer: ParseAnswer, transfer?: readonly Transferable[]): void;
}

/**
 * Serves a pool from within a Worker.
 *
 * @param formOf Makes the form from what {@link ParseStart} says.
 */
export function serveParsing(formOf: (params: unknown) => RecordingForm): void {
  const scope = self as unknown as WorkerScope;
  const buffer = fileBuffer(LARGE_FILE);
  let form: RecordingForm | undefined;
  scope.onmessage = ({ data }) => {
    try {
      if ("params" in data) {
        form = formOf(data.params);
        return;
      }
      const parsed = data.map((task) => answerTo(task, form!, buffer));
      const transfer = parsed.flatMap((one) =>
        one.kind === "clip" ? [one.clip.positions.buffer as ArrayBuffer] : []
      );
      scope.postMessage({ parsed }, transfer);
    } catch (error) {
      const { message, stack, forUser = false } = error as Error & { forUser?: boolean };
      scope.postMessage({ failed: forUser ? message : stack ?? message, forUser });
    }
  };
}

function answerTo(
  { name, identity, from }: ParseTask,
  form: RecordingForm,
  buffer: FileBuffer,
): ParsedRecording | { readonly kind: "large" } {
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
