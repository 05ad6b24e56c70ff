/**
 * The files in a zip archive, read one at a time from where they lie: the archive is never in memory
 * as a whole, and every file's CRC-32 is checked.
 *
 * @module
 */
import { type FileHandle, open } from "node:fs/promises";
import { UnusableInput } from "./unusable_input.ts";
import { type FileEntry, Reader, Uint8ArrayWriter, ZipReader } from "@zip.js/zip.js";

/** One file of an archive. */
export interface ZipMember {
  /** Its path inside the archive. */
  readonly path: string;
  /**
   * Reads it.
   *
   * @throws {Error} If its bytes are damaged, it is encrypted, or packed by an unknown method.
   */
  read(): Promise<Uint8Array>;
  /**
   * Its bytes as they are unpacked. Damage shows as an error of the stream, a wrong CRC-32 only at the
   * end. Cancelling it stops the unpacking.
   */
  stream(): ReadableStream<Uint8Array>;
}

/** An open archive. */
export interface ZipSource {
  readonly members: readonly ZipMember[];
  close(): Promise<void>;
}

/** Positional reads, so that reads may overlap in time, and archives may exceed 4 GiB. */
class FileHandleReader extends Reader<FileHandle> {
  readonly #handle: FileHandle;

  constructor(handle: FileHandle) {
    super(handle);
    this.#handle = handle;
  }

  override async init(): Promise<void> {
    await super.init?.();
    this.size = (await this.#handle.stat()).size;
  }

  override async readUint8Array(index: number, length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(Math.max(0, Math.min(length, this.size - index)));
    let done = 0;
    while (done < bytes.length) {
      const { bytesRead } = await this.#handle.read(
        bytes,
        done,
        bytes.length - done,
        index + done,
      );
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return bytes.subarray(0, done);
  }
}

function unpacked(entry: FileEntry): ReadableStream<Uint8Array> {
  let length = 0;
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      length += chunk.length;
      if (length > entry.uncompressedSize) {
        throw new Error(`expected ${entry.uncompressedSize} bytes, unpacked more`);
      }
      controller.enqueue(chunk);
    },
  });
  // It ends only once the CRC-32 was found right, so that no reader takes damaged bytes for all there is.
  entry.getData(writable, { preventClose: true }).then(
    async () => {
      if (length === entry.uncompressedSize) return await writable.close();
      const error = new Error(`expected ${entry.uncompressedSize} bytes, unpacked ${length}`);
      await writable.abort(error);
    },
    (error) => writable.abort(error),
  ).catch(() => {}); // The reader has left.
  return readable;
}

/**
 * Opens an archive and reads its directory.
 *
 * @throws {UnusableInput} If the file is no zip archive or its directory is damaged, naming the file.
 */
export async function openZip(path: string): Promise<ZipSource> {
  const handle = await open(path, "r");
  try {
    const reader = new ZipReader(new FileHandleReader(handle), {
      checkSignature: true,
      useWebWorkers: false,
    });
    const entries = await reader.getEntries();
    return {
      members: entries.filter((entry) => !entry.directory).map((entry) => ({
        path: entry.filename,
        read: async () => {
          const bytes = await (entry as FileEntry).getData(new Uint8ArrayWriter());
          if (bytes.length !== entry.uncompressedSize) {
            throw new Error(
              `expected ${entry.uncompressedSize} bytes, unpacked ${bytes.length}`,
            );
          }
          return bytes;
        },
        stream: () => unpacked(entry as FileEntry),
      })),
      close: async () => {
        await reader.close();
        await handle.close();
      },
    };
  } catch (error) {
    await handle.close();
    throw new UnusableInput(
      `${path}: cannot be read as a zip archive (${(error as Error).message}): ` +
        "the file may be damaged or cut short; get it again",
      { cause: error },
    );
  }
}
