/**
 * The bytes of a file piece by piece, from a folder or an archive.
 *
 * @module
 */
import type { RecordingFile } from "../../formats/recording_source.ts";

const PIECE_BYTES = 1 << 18;

/** Reads a file in pieces; one that is left early is let go of. A piece is valid until the next. */
export async function* piecesOf(file: RecordingFile): AsyncGenerator<Uint8Array> {
  if (file.stream !== undefined) {
    yield* file.stream();
  } else if (file.plain !== undefined) {
    yield* plainPieces(file.plain);
  } else {
    yield await file.read();
  }
}

/** Reads the file at a path in pieces. A piece is valid until the next. */
export async function* plainPieces(path: string): AsyncGenerator<Uint8Array> {
  using opened = await Deno.open(path);
  const memory = new Uint8Array(PIECE_BYTES);
  for (;;) {
    const length = await opened.read(memory);
    if (length === null) return;
    yield memory.subarray(0, length);
  }
}

/**
 * All bytes of a small file.
 *
 * @throws {Error} If there are more than `most`.
 */
export async function smallFile(file: RecordingFile, most: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of piecesOf(file)) {
    if ((length += piece.length) > most) {
      throw new Error(`expected at most ${most} bytes, found more: is it another kind of file?`);
    }
    pieces.push(piece.slice());
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
