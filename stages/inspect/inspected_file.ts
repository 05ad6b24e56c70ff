/**
 * A file to look into, wherever it lies: on disk or in an archive.
 *
 * @module
 */
import type { RecordingFile } from "../formats/recording_source.ts";
import { UnusableInput } from "../formats/unusable_input.ts";

/** Bytes that are read to tell what a file is. */
export const HEAD_BYTES = 64 * 1024;

/** No file is in memory as a whole if it is larger, in bytes. */
export const LARGEST_WHOLE = 256 * 2 ** 20;

/** See the module's page. */
export class InspectedFile {
  /** As it is called in messages. */
  readonly path: string;
  /** Its path on disk; absent for one in an archive. */
  readonly plain: string | undefined;
  /** In bytes, where it is known without reading. */
  readonly size: number | undefined;
  readonly #file: Pick<RecordingFile, "read" | "stream">;

  private constructor(
    path: string,
    plain: string | undefined,
    size: number | undefined,
    file: Pick<RecordingFile, "read" | "stream">,
  ) {
    this.path = path;
    this.plain = plain;
    this.size = size;
    this.#file = file;
  }

  /** A file on disk. */
  static async onDisk(plain: string, path = plain): Promise<InspectedFile> {
    const { size } = await Deno.stat(plain);
    return new InspectedFile(path, plain, size, { read: () => Deno.readFile(plain) });
  }

  /** A file of a folder or an archive. */
  static async of(file: RecordingFile, path = file.path): Promise<InspectedFile> {
    if (file.plain !== undefined) return await this.onDisk(file.plain, path);
    return new InspectedFile(path, undefined, file.size, file);
  }

  /** Base name. */
  get name(): string {
    return this.path.slice(this.path.lastIndexOf("/") + 1);
  }

  /** Its first bytes, at most `length`. */
  async head(length = HEAD_BYTES): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    let left = length;
    for await (const piece of this.pieces()) {
      parts.push(piece.slice(0, left));
      left -= parts.at(-1)!.length;
      if (left === 0) break;
    }
    return joined(parts);
  }

  /** All of its bytes, piece by piece; the piece is valid until the next is asked for. */
  async *pieces(): AsyncGenerator<Uint8Array> {
    if (this.plain !== undefined) {
      using file = await Deno.open(this.plain);
      const buffer = new Uint8Array(HEAD_BYTES);
      for (;;) {
        const read = await file.read(buffer);
        if (read === null) return;
        yield buffer.subarray(0, read);
      }
    }
    if (this.#file.stream === undefined) yield await this.#file.read();
    else {
      try {
        for await (const piece of this.#file.stream()) yield piece;
      } catch (error) {
        throw damaged(this.path, error);
      }
    }
  }

  /**
   * All of its bytes at once.
   *
   * @throws {UnusableInput} If there are more than {@link LARGEST_WHOLE}, or the archive is damaged.
   */
  async bytes(): Promise<Uint8Array> {
    const tooLarge = () =>
      new UnusableInput(
        `${this.path}: more than ${LARGEST_WHOLE / 2 ** 20} MiB, which is too much to read at once`,
      );
    if ((this.size ?? 0) > LARGEST_WHOLE) throw tooLarge();
    if (this.plain !== undefined) return await Deno.readFile(this.plain);
    const parts: Uint8Array[] = [];
    let length = 0;
    for await (const piece of this.pieces()) {
      length += piece.length;
      if (length > LARGEST_WHOLE) throw tooLarge();
      parts.push(piece.slice());
    }
    return joined(parts);
  }
}

/** What is wrong with a member of an archive, as a fault for people. */
function damaged(path: string, error: unknown): Error {
  if ((error as { forUser?: unknown }).forUser === true) return error as Error;
  return new UnusableInput(`${path}: cannot be unpacked: ${(error as Error).message}`);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0]!;
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
